package io.kiroku.collector.ingest;

import io.kiroku.collector.agents.AgentRegister.Denial;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.wire.Frame;
import java.util.Optional;
import java.util.function.Function;

/** What speaks against a greeting, a stream's identity, and who vouches for a segment: each in a sentence. Changes nothing. */
final class Objections {
    private final StreamHeads heads;
    private final Function<Frame.Hello, Optional<Denial>> denies;

    /** @param denies why who greets like that may not send, if so */
    Objections(StreamHeads heads, Function<Frame.Hello, Optional<Denial>> denies) {
        this.heads = heads;
        this.denies = denies;
    }

    /** Why an agent may not send that stream for that node, if so. */
    Optional<Denial> toGreeting(Frame.Hello hello) {
        if (OwnNode.isReserved(hello.node())) {
            return Optional.of(new Denial(reserved(hello.node()), true));
        }
        return heads.isOwn(hello.stream())
                ? Optional.of(new Denial(
                        "stream %s is the collector's own, no agent sends it"
                                .formatted(hello.stream().brief()),
                        true))
                : denies.apply(hello);
    }

    private static String reserved(String node) {
        return "expected the name of a node, found %s: names that begin with @ are the collector's own"
                .formatted(printable(node));
    }

    /** Whether the identity that has a stream is revoked. */
    Optional<String> toIdentity(Lineage lineage, Timestamp now) {
        Revocations revoked = heads.revoked();
        if (revoked.isEmpty() || lineage.identities().isEmpty()) {
            return Optional.empty();
        }
        return revoked.of(lineage.current())
                .filter(one -> !one.since().isAfter(now.wall()))
                .map(one -> "the identity %s of the stream is revoked as of %s"
                        .formatted(one.key().brief(), one.since()));
    }

    /** Why a segment may not be one of the stream, whatever it holds, if so. */
    Optional<String> toSegment(StreamHead stream, SegmentHeader header, Timestamp now) {
        return header.stream().equals(stream.stream())
                ? toIdentity(stream.lineage(), now)
                : Optional.of("expected a segment of stream %s, found one of stream %s"
                        .formatted(stream.stream().brief(), header.stream().brief()));
    }

    /** Why an identity may not vouch for an agent's segment, if so. */
    Optional<String> toVoucher(Entry.Epoch stated, Lineage known, Timestamp now) {
        return OwnNode.isReserved(stated.node())
                ? Optional.of(reserved(stated.node()))
                : toLineage(Lineage.of(stated), known, now);
    }

    /** Why an identity may not vouch for a segment of the stream, whosever it is, if so. */
    Optional<String> toLineage(Lineage stated, Lineage known, Timestamp now) {
        if (stated.continues(known)) {
            return toIdentity(stated, now);
        }
        return Optional.of("the identity %s vouches for it, which does not have the stream any more: %s has it"
                .formatted(stated.current().brief(), known.current().brief()));
    }

    /** A name from outside, for the log: nothing in it moves the cursor or breaks the line. */
    static String printable(String name) {
        return name.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
