package io.kiroku.agent;

import io.kiroku.agent.config.AgentConfig;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.Machine;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What reads and seals: made once it is known where the chain goes on. */
record Capture(Sealer sealer, Tail tail) {
    private static final String PINS = "pins";

    /** All that it is made of, but for where the chain goes on. */
    record Parts(
            AgentConfig config,
            Kernel kernel,
            Ring ring,
            Identity identity,
            RatchetFile keys,
            SecureRandom random,
            Losses losses,
            CollectorClock collectorClock) {
        /** Goes on where the ring says. */
        Capture resume(Supplier<Timestamp> clock) throws IOException {
            Recovery recovery = Recovery.from(ring);
            recovery.declared().forEach(declared -> losses.restore(declared.sequence(), declared.gap()));
            ChainHead end = recovery.head();
            Sealer sealer = end != null && isHandedOver(recovery.lineage())
                    ? inNextEpoch(Entry.EpochReason.HANDED_OVER, end)
                    : inSameEpoch(end);
            return with(sealer, recovery, clock);
        }

        /** Goes on behind what the collector has: the ring is gone. */
        Capture behindLostRing(Optional<Frame.Head> collectorsEnd, Supplier<Timestamp> clock) throws IOException {
            Recovery recovery = Recovery.behind(ring.stream(), collectorsEnd);
            ChainHead end = recovery.head();
            Sealer sealer = end == null ? inSameEpoch(null) : inNextEpoch(Entry.EpochReason.RING_LOST, end);
            return with(sealer, recovery, clock);
        }

        private Sealer inSameEpoch(@Nullable ChainHead end) throws IOException {
            return Sealer.resume(ring, end, keys, identity, config.node(), bootId(), random, losses);
        }

        private Sealer inNextEpoch(Entry.EpochReason reason, ChainHead end) throws IOException {
            return Sealer.inNextEpoch(reason, ring, end, keys, identity, config.node(), bootId(), random, losses);
        }

        /** Whether the ring's last word is that another identity has the stream. */
        private boolean isHandedOver(Lineage lineage) {
            return !lineage.identities().isEmpty() && !lineage.current().equals(identity.publicKey());
        }

        private static Octets bootId() throws IOException {
            return Octets.of(Machine.bootId());
        }

        private Capture with(Sealer sealer, Recovery recovery, Supplier<Timestamp> clock) throws IOException {
            Path pins = config.pins().orElse(config.state().resolve(PINS)).toAbsolutePath();
            Durable.createDirectories(pins);
            Tail tail = new Tail(
                    kernel,
                    config.patterns(),
                    config.journals().readers(),
                    FilePath.of(pins.toString()),
                    sealer.stating(collectorClock),
                    new Tail.Chain(
                            recovery.files(),
                            recovery.nextFile(),
                            recovery.wholeFrom(),
                            recovery.end(),
                            () -> ring.standing().acknowledged()),
                    new Tail.Limits(AgentConfig.MOST_FILES, ring.mostRestated() / 4L * 3, config.pinBytes()),
                    clock);
            return new Capture(sealer, tail);
        }
    }
}
