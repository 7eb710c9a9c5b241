package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.collector.store.Place;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What must hold once the faults have stopped and everything had the time to settle. */
final class Oracle {
    /** No answer came later than this after what it answers. */
    private static final long LONGEST_EXCHANGE = 60 * Node.SECOND;

    private final CollectorSite site;
    private final List<Node> nodes;

    Oracle(CollectorSite site, List<Node> nodes) {
        this.site = site;
        this.nodes = nodes;
    }

    /** @param ended whether all files are gone and all writers closed */
    void check(boolean ended) {
        try {
            Map<Octets, List<Segment>> stored = stored();
            for (Node node : nodes) {
                List<Segment> stream = stored.getOrDefault(node.stream(), List.of());
                Captured captured = new Captured();
                for (Segment segment : stream) {
                    captured.take(segment);
                }
                checkStream(node, stream, captured);
                checkKeys(node, stream);
                checkClocks(node, stream);
                checkFiles(node, captured, ended);
            }
            site.durableLog.checkAll();
            if (ended) {
                checkVerdicts();
            }
        } catch (IOException | MalformedException e) {
            throw new Violation("the store cannot be read: " + e.getMessage(), e);
        }
    }

    /** Tells whoever listens what is stored. */
    void tell(Scheduler scheduler) {
        try {
            Map<Octets, List<Segment>> stored = stored();
            for (Node node : nodes) {
                for (Segment segment : stored.getOrDefault(node.stream(), List.of())) {
                    for (Entry entry : segment.entries()) {
                        scheduler.note("%s %d: %s", node.name, segment.header().sequence(), entry);
                    }
                }
            }
        } catch (IOException | MalformedException e) {
            scheduler.note("the store cannot be read: %s", e);
        }
    }

    private Map<Octets, List<Segment>> stored() throws IOException, MalformedException {
        StoreReader reader = StoreReader.open(site.files(), () -> false);
        List<Place> places = new ArrayList<>();
        reader.scan(Position.START, entry -> places.add(entry.place()));
        Map<Octets, List<Segment>> streams = new HashMap<>();
        for (Place place : places) {
            Segment segment = reader.read(place);
            streams.computeIfAbsent(segment.header().stream(), _ -> new ArrayList<>())
                    .add(segment);
        }
        return streams;
    }

    /** The store has what the agent sealed, each segment once, and nothing else; what it lacks is declared lost. */
    private void checkStream(Node node, List<Segment> stream, Captured captured) {
        Map<Long, Octets> sealed = new TreeMap<>(node.sealed());
        long before = 0;
        for (Segment segment : stream) {
            long sequence = segment.header().sequence();
            Violation.unless(
                    sequence > before,
                    "%s: segment %d lies in the store behind segment %d",
                    node.name,
                    sequence,
                    before);
            Violation.unless(
                    Objects.equals(segment.hash(), sealed.remove(sequence)),
                    "%s: segment %d in the store is not the one that was sealed",
                    node.name,
                    sequence);
            before = sequence;
        }
        boolean mayLack = node.limits.whenFull() == WhenFull.OVERWRITE || site.disksLost() > 0;
        sealed.keySet()
                .forEach(sequence -> Violation.unless(
                        mayLack && captured.isDeclaredLost(sequence),
                        "%s: segment %d was sealed, and is neither stored nor declared lost",
                        node.name,
                        sequence));
        Violation.unless(
                captured.undeclared() == 0,
                "%s: nothing says that segment %d is missing",
                node.name,
                captured.undeclared());
    }

    /** What a segment says of the node's clock was so when it was measured. */
    private void checkClocks(Node node, List<Segment> stream) throws MalformedException {
        for (Segment segment : stream) {
            long ahead =
                    node.wallAhead(segment.header().sealed(), segment.header().bootId());
            for (Entry entry : segment.entries()) {
                if (entry instanceof Entry.Clock clock) {
                    long measured = clock.wallNanos() - ahead;
                    long collector = ahead + clock.offsetNanos();
                    Violation.unless(
                            site.wasAhead(
                                    measured - LONGEST_EXCHANGE,
                                    measured,
                                    collector - clock.uncertaintyNanos(),
                                    collector + clock.uncertaintyNanos()),
                            "%s: segment %d says %s, and it never was",
                            node.name,
                            segment.header().sequence(),
                            clock);
                }
            }
        }
    }

    /** A new epoch is opened only if the key was taken; and no key is left but the one that signs what comes next. */
    private static void checkKeys(Node node, List<Segment> stream) throws MalformedException {
        int opened = 0;
        for (Segment segment : stream) {
            for (Entry entry : segment.entries()) {
                opened += entry instanceof Entry.Epoch epoch && epoch.reason() == Entry.EpochReason.KEY_LOST ? 1 : 0;
            }
        }
        Violation.unless(
                opened <= node.keysLost(),
                "%s: the keys were lost %d times, %d epochs were opened",
                node.name,
                node.keysLost(),
                opened);
        SimContent keys = node.disk.content(Node.RATCHET);
        if (keys != null && !stream.isEmpty()) {
            ByteBuffer slot = ByteBuffer.allocate(SigningKey.LENGTH);
            keys.read(slot, (stream.getLast().header().sequence() & 1) * SigningKey.LENGTH);
            Violation.unless(
                    slot.flip().equals(ByteBuffer.allocate(slot.limit())),
                    "%s: the key of a segment that is kept is still there",
                    node.name);
        }
    }

    private void checkVerdicts() throws IOException {
        Report report = StoreVerification.verify(site.files(), false, (_, _) -> {});
        checkVerdict("integrity", report.integrity());
        checkVerdict("completeness", report.completeness());
    }

    private static void checkVerdict(String name, Verdict verdict) {
        if (verdict instanceof Verdict.Fails fails) {
            throw new Violation("%s does not hold: %s".formatted(name, fails.findings()));
        }
    }

    private static void checkFiles(Node node, Captured captured, boolean ended) {
        Set<SimInode> named = node.kubelet.named();
        Set<CapturedFile> known = new HashSet<>();
        Set<SimInode> capturedCompressed = new HashSet<>();
        for (SimInode inode : node.files.everyFile()) {
            SimInode plain = inode.plain();
            if (plain != null && !captured.of(inode).isEmpty()) {
                capturedCompressed.add(plain);
            }
        }
        for (SimInode inode : node.files.everyFile()) {
            List<CapturedFile> files = captured.of(inode);
            known.addAll(files);
            if (!files.isEmpty() || !capturedCompressed.contains(inode)) {
                new OneFile(node, inode, files, captured).check(named.contains(inode), ended);
            }
        }
        for (CapturedFile file : captured.files()) {
            Violation.unless(known.contains(file) || file.isUnseen(), "%s: %s never was", node.name, file);
        }
    }

    /** An inode, what was captured of it, and all that was captured on its node. */
    private record OneFile(Node node, SimInode inode, List<CapturedFile> captured, Captured all) {
        void check(boolean named, boolean ended) {
            if (captured.isEmpty()) {
                if (inode.plain() == null) {
                    checkUnheardOf(named);
                }
            } else {
                checkCaptured(named, ended);
            }
            SimInode plain = inode.plain();
            if (plain != null) {
                checkCompressed(plain);
            }
        }

        private void checkUnheardOf(boolean named) {
            Ledger.Life life = node.ledger.of(inode);
            if (life == null || node.ledger.hasFileBudget()) {
                return;
            }
            Violation.unless(!named, "%s has a name and was not captured", this);
            boolean mayBeLost = all.hasMissing() && all.saysIsMissing(life.source(), Kubelet.podOf(life.source()));
            Violation.unless(!life.isOwed() || mayBeLost, "%s was seen, not captured", this);
            boolean wasEmpty = inode.generations().stream().allMatch(content -> content.length == 0);
            String pod = Kubelet.podOf(life.source());
            if (!wasEmpty && node.ledger.wasWitnessed(life, pod)) {
                Violation.unless(
                        all.saysIsMissing(life.source(), pod),
                        "%s, of %s, came and went without a word",
                        this,
                        life.source());
            }
        }

        /** What was captured before it was compressed is not captured again, and what was not is captured then. */
        private void checkCompressed(SimInode plain) {
            boolean before =
                    all.of(plain).stream().anyMatch(file -> file.hasBytes() && file.beginsLike(plain.content()));
            Violation.unless(
                    captured.isEmpty() || !before || node.ledger.mayRepeat(),
                    "%s was captured before it was compressed, too, as %s",
                    this,
                    all.of(plain));
            Ledger.Life life = node.ledger.of(plain);
            if (life != null && mustBeFound(life) && node.kubelet.compressed().contains(inode)) {
                List<CapturedFile> files = captured.isEmpty() ? all.of(plain) : captured;
                boolean whole = !files.isEmpty() && isWholeOrExcused(files.getLast());
                boolean mayBeLost = all.hasMissing() || life.wentUnderAgent();
                boolean isLost = mayBeLost && all.saysIsMissing(life.source(), Kubelet.podOf(life.source()));
                Violation.unless(
                        whole || isLost || plain.size() == 0, "%s is still there compressed, not captured", this);
            }
        }

        /** Whether an agent that comes back cannot but find a file that was compressed meanwhile. */
        private boolean mustBeFound(Ledger.Life life) {
            return life.isToBeFoundCompressed()
                    && node.ledger.isOrderKnown()
                    && !hasPinBudget()
                    && !node.ledger.hasFileBudget();
        }

        /** By its first bytes only a file can be recognised of which some were captured. */
        private static boolean isWholeOrExcused(CapturedFile file) {
            return file.rest() != Entry.GapCause.VANISHED || file.length() == 0;
        }

        private void checkCaptured(boolean named, boolean ended) {
            List<byte[]> contents = inode.generations();
            int content = -1;
            boolean mayBeginAgain = false;
            for (CapturedFile file : captured) {
                int from = mayBeginAgain ? Math.max(0, content) : content + 1;
                content = next(contents, from, file);
                Violation.unless(content >= 0, "%s: %s was not written so, or is there twice", this, file);
                if (file.rest() != null) {
                    checkReason(file.rest(), contents.size() - content > 1);
                }
                mayBeginAgain = node.ringsLost() > 0 || (inode.plain() != null && node.ledger.mayRepeat());
            }
            CapturedFile last = captured.getLast();
            boolean canEnd = node.limits.leases() || !last.ended();
            if (last.rest() == null && canEnd) {
                boolean excused = (hasPinBudget() && contents.size() > 1) || (!ended && node.ledger.hasFileBudget());
                Violation.unless(excused || isWhole(contents, content, last), "%s is not there to its end", this);
            }
            if (named) {
                boolean isRefusedNow = last.rest() == Entry.GapCause.RING_LOST && node.ledger.hasFileBudget();
                Violation.unless(last.rest() == null || isRefusedNow, "%s has a name and was given up", this);
            }
            if (ended) {
                Violation.unless(last.ended() || last.rest() != null, "%s: nothing says that it ended", this);
            }
        }

        /** The first content from there on that the file's bytes are the beginning of; -1 if there is none. */
        private static int next(List<byte[]> contents, int from, CapturedFile file) {
            for (int i = from; i < contents.size(); i++) {
                if (file.beginsLike(contents.get(i))) {
                    return i;
                }
            }
            return -1;
        }

        /** Whether the file is one of the contents from there on, and those behind it are nothing. */
        private static boolean isWhole(List<byte[]> contents, int from, CapturedFile file) {
            int last = contents.size() - 1;
            while (last > from && contents.get(last).length == 0 && file.length() > 0) {
                last--;
            }
            return file.length() == contents.get(last).length && file.beginsLike(contents.get(last));
        }

        private void checkReason(Entry.GapCause cause, boolean wasCut) {
            Ledger.Life life = node.ledger.of(inode);
            boolean excused = switch (cause) {
                case TRUNCATED -> wasCut;
                case VANISHED -> (life != null && life.wentUnheld()) || hasPinBudget() || node.ledger.hasRefusals();
                case READ_ERROR -> life != null && life.wasUnreadable();
                case BUDGET -> hasPinBudget();
                case RING_OVERRUN -> all.hasMissing();
                case RING_LOST -> node.ringsLost() > 0;
                default -> false;
            };
            Violation.unless(excused, "%s: there was no reason for a gap by %s", this, cause);
        }

        private boolean hasPinBudget() {
            return node.limits.pinnedBytes() < Long.MAX_VALUE;
        }

        @Override
        public String toString() {
            return "%s: inode %d born %d with %s bytes written, captured as %s"
                    .formatted(
                            node.name,
                            inode.number(),
                            inode.birthNanos(),
                            Arrays.toString(inode.generations().stream()
                                    .mapToInt(bytes -> bytes.length)
                                    .toArray()),
                            captured);
        }
    }
}
