package io.kiroku.cli;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.access.CustodyRecord.Stage;
import io.kiroku.collector.custody.PendingRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A command that changes a collector's data, or takes evidence out of it, without asking the collector: it leaves a record of
 * that before and behind it, which the collector takes into its custody log. What cannot be recorded is not done.
 */
final class OfflineCall {
    private final PendingRecords pending;
    private final InstantSource clock;
    private final String id = "%016x".formatted(ThreadLocalRandom.current().nextLong());
    private final String caller;
    private final String action;
    private final String selection;
    private final String caseId;
    private final String purpose;

    private OfflineCall(
            Kiroku kiroku, Path data, String action, Map<String, String> selection, String caseId, String purpose) {
        this.pending = new PendingRecords(data);
        this.clock = kiroku.clock();
        this.caller = caller(kiroku.terminal().environment());
        this.action = action;
        this.selection = CustodyRecord.selection(selection);
        this.caseId = caseId;
        this.purpose = purpose;
    }

    /** What is done, and whether it came to what was asked for. */
    @FunctionalInterface
    interface Work {
        boolean run() throws Exception;
    }

    /**
     * Does something, with a record before and behind it.
     *
     * @param action as the custody log calls it
     * @param selection what it is about
     */
    static boolean run(Kiroku kiroku, Path data, String action, Map<String, String> selection, Work work)
            throws Exception {
        return run(kiroku, data, action, selection, "", "", work);
    }

    /** The same, for a case and a purpose. */
    static boolean run(
            Kiroku kiroku,
            Path data,
            String action,
            Map<String, String> selection,
            String caseId,
            String purpose,
            Work work)
            throws Exception {
        OfflineCall call = new OfflineCall(kiroku, data, action, selection, caseId, purpose);
        call.leave(Stage.BEGUN, Outcome.OPEN);
        boolean done = false;
        try {
            done = work.run();
            return done;
        } finally {
            call.leave(Stage.ENDED, done ? Outcome.ANSWERED : Outcome.FAILED);
        }
    }

    private void leave(Stage stage, Outcome outcome) throws IOException {
        pending.leave(new CustodyRecord(
                clock.instant(),
                id,
                stage,
                caller,
                PendingRecords.VOUCHER,
                "",
                action,
                selection,
                caseId,
                purpose,
                outcome,
                0,
                0,
                List.of(),
                0));
    }

    /** The account, and who became it, as sudo says. */
    private static String caller(Map<String, String> environment) {
        String user = System.getProperty("user.name", "");
        String before = environment.getOrDefault("SUDO_USER", "");
        return before.isEmpty() ? user : "%s, by sudo from %s".formatted(user, before);
    }
}
