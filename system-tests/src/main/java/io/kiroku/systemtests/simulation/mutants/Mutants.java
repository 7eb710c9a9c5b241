package io.kiroku.systemtests.simulation.mutants;

import static io.kiroku.systemtests.simulation.mutants.Edit.afterCall;
import static io.kiroku.systemtests.simulation.mutants.Edit.before;
import static io.kiroku.systemtests.simulation.mutants.Edit.both;
import static io.kiroku.systemtests.simulation.mutants.Edit.instead;
import static io.kiroku.systemtests.simulation.mutants.Edit.readInstead;
import static io.kiroku.systemtests.simulation.mutants.Edit.signature;
import static io.kiroku.systemtests.simulation.mutants.Edit.type;
import static io.kiroku.systemtests.simulation.mutants.Edit.valueInstead;
import static io.kiroku.systemtests.simulation.mutants.Edit.withoutCall;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.Set;

/** The bugs that the simulation must find. */
public final class Mutants {
    private static final ClassDesc RING = type("agent.ring.Ring");
    private static final ClassDesc LOG_FILE = type("agent.tail.LogFile");
    private static final ClassDesc READER = type("agent.tail.Reader");
    private static final ClassDesc FILE_SET = type("agent.tail.FileSet");
    private static final ClassDesc SEALER = type("agent.seal.Sealer");
    private static final ClassDesc RATCHET_FILE = type("evidence.chain.RatchetFile");
    private static final ClassDesc RATCHET = type("evidence.chain.Ratchet");
    private static final ClassDesc CHAIN_HEAD = type("evidence.chain.ChainHead");
    private static final ClassDesc SIGNING_KEY = type("evidence.chain.SigningKey");
    private static final ClassDesc SEGMENT = type("evidence.segment.Segment");
    private static final ClassDesc SESSION = type("collector.ingest.IngestSession");
    private static final ClassDesc STREAM_HEAD = type("collector.ingest.StreamHead");

    private static final Edit.Code TRUE = code -> code.iconst_1().ireturn();
    private static final Edit.Code NOTHING = CodeBuilder::return_;
    private static final Edit.Code ONE_MORE = code -> code.lconst_1().ladd();

    /** All of them. */
    public static final List<Mutant> ALL = List.of(
            // What is on stable storage, and who is told so.
            mutant("receipt before fsync", "collector.store.VolumeWriter", "sync", withoutCall("sync")),
            mutant(
                    "greeting before the stream has settled",
                    "collector.ingest.StreamHead$Settled",
                    "isSettled",
                    instead(TRUE)),
            mutant(
                    "segment sent before fsync",
                    "agent.ring.Ring",
                    "find",
                    readInstead("durable", code -> code.getfield(RING, "newest", CD_long))),
            mutant("ring takes an fsync for granted", "agent.ring.Ring", "sync", withoutCall("sync")),
            mutant("ring opened without a second write", "agent.ring.RingFile", "recover", withoutCall("writeAgain")),
            mutant(
                            "store opened without a second write",
                            "collector.store.Recovery$OneVolume",
                            "recover",
                            withoutCall("writeAgain"))
                    .rare(),
            mutant("torn record taken for whole", "evidence.durable.RecordFrame$Head", "matches", instead(TRUE)),

            // What may be forgotten.
            mutant(
                            "extent overwritten before its receipt",
                            "agent.ring.Ring",
                            Set.of("hasRoom", "clearNext"),
                            readInstead("acknowledged", code -> code.pop().loadConstant(Long.MAX_VALUE)))
                    .rare(),
            mutant(
                    "one more acknowledged than received",
                    "agent.ship.RingShipping",
                    "apply",
                    afterCall("sequence", ONE_MORE)),
            mutant(
                    "extent that does not restate",
                    "agent.ring.Ring",
                    "beginsExtent",
                    instead(code -> code.iconst_0().ireturn())),
            mutant("lost segments not declared", "agent.seal.Losses", "missing", instead(NOTHING))
                    .rare(),
            mutant("what is given up not counted", "agent.seal.LostRun", "lose", instead(NOTHING))
                    .rare(),

            // Once and in order.
            mutant(
                    "resend without dedupe",
                    "collector.ingest.IngestSession",
                    "behind",
                    instead(code -> code.aload(0)
                            .aload(1)
                            .aload(1)
                            .invokevirtual(STREAM_HEAD, "accepted", signature(CHAIN_HEAD))
                            .aload(2)
                            .invokevirtual(SESSION, "accept", signature(CD_void, STREAM_HEAD, CHAIN_HEAD, SEGMENT))
                            .return_())),
            mutant(
                            "failed commit told to a part",
                            "collector.ingest.Committer",
                            "commit",
                            withoutCall("java.util.stream.Stream", "forEach"))
                    .rare(),
            mutant("stored behind a failed commit", "collector.ingest.Accepted", "stillWanted", instead(TRUE)),
            mutant(
                    "catalogue without the last record",
                    "collector.store.Recovery$OneVolume",
                    "take",
                    withoutCall("append")),
            mutant(
                    "half-open connection waited for",
                    "agent.ship.Shipping",
                    "deadline",
                    valueInstead("isEmpty", code -> code.iconst_1())),

            // Following files.
            mutant(
                    "offset off by one at rotation",
                    "agent.tail.Naming",
                    "move",
                    before(code -> code.aload(1)
                            .dup()
                            .getfield(LOG_FILE, "offset", CD_long)
                            .lconst_1()
                            .ladd()
                            .putfield(LOG_FILE, "offset", CD_long))),
            mutant("deleted file closed unread", "agent.tail.Reader", "read", before(Mutants::endIfDeleted)),
            mutant("first bytes not looked at", "agent.tail.Reader", "hasFirstBytes", instead(TRUE)),
            mutant("first bytes not compared at a start", "agent.tail.FirstBytes", "match", instead(TRUE)),
            mutant("birth not compared at a start", "agent.tail.Resumption", "isSameIdentity", instead(TRUE)),
            mutant("resumed one byte on", "agent.tail.Resumption", "resume", afterCall("offset", ONE_MORE)),
            mutant("overflow without a new look", "agent.tail.Tree", "overflowed", instead(NOTHING)),
            mutant("descriptor left open", "agent.tail.FileSet", "close", withoutCall("close")),

            // The ratchet's keys.
            mutant("key kept", "evidence.chain.RatchetFile", "wipe", instead(NOTHING)),
            mutant(
                    "next key wiped",
                    "evidence.chain.RatchetFile",
                    "wipe",
                    before(code -> code.lload(1).lconst_1().ladd().lstore(1))),
            mutant(
                    "key stored after its segment",
                    "agent.seal.Sealer",
                    "keep",
                    both(withoutCall("store"), afterCall("wipe", Mutants::storeKeyNow))));

    private Mutants() {}

    private static void endIfDeleted(CodeBuilder code) {
        code.aload(1)
                .getfield(LOG_FILE, "deleted", CD_boolean)
                .ifThen(then -> then.aload(0)
                        .aload(1)
                        .invokevirtual(READER, "forget", signature(CD_void, LOG_FILE))
                        .aload(0)
                        .getfield(READER, "files", FILE_SET)
                        .aload(1)
                        .invokevirtual(FILE_SET, "ended", signature(CD_void, LOG_FILE))
                        .return_());
    }

    private static void storeKeyNow(CodeBuilder code) {
        code.aload(0)
                .getfield(SEALER, "keys", RATCHET_FILE)
                .aload(0)
                .getfield(SEALER, "ratchet", RATCHET)
                .invokevirtual(RATCHET, "head", signature(CHAIN_HEAD))
                .invokevirtual(CHAIN_HEAD, "sequence", signature(CD_long))
                .lconst_1()
                .ladd()
                .aload(0)
                .getfield(SEALER, "ratchet", RATCHET)
                .invokevirtual(RATCHET, "key", signature(SIGNING_KEY))
                .invokevirtual(RATCHET_FILE, "store", signature(CD_void, CD_long, SIGNING_KEY));
    }

    private static Mutant mutant(String name, String type, String method, Edit.Counted edit) {
        return mutant(name, type, Set.of(method), edit);
    }

    private static Mutant mutant(String name, String type, Set<String> methods, Edit.Counted edit) {
        return new Mutant(name, type, methods, edit, true);
    }
}
