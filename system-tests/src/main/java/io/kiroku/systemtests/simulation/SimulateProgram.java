package io.kiroku.systemtests.simulation;

import io.kiroku.systemtests.simulation.mutants.Hunt;
import io.kiroku.systemtests.simulation.mutants.Mutant;
import io.kiroku.systemtests.simulation.mutants.Mutants;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the simulation for as long as somebody wants, replays a seed, or hunts the bugs that are seeded on purpose. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Runs agents, a collector, their disks, the network and the kubelet's habits in one thread and in virtual"
                    + " time, a world for each seed, and judges what came of it.",
            "Exit 0 if everything held in every seed, and every mutant was caught; 1 if not."
        })
public final class SimulateProgram implements Callable<Integer> {
    private static final long PROGRESS_SECONDS = 10;
    private static final double NANOS = 1e9;

    @Option(names = "--seeds", paramLabel = "N", description = "how many (default ${DEFAULT-VALUE})")
    private long seeds = 10_000;

    @Option(names = "--first", paramLabel = "SEED", description = "the first of them (default ${DEFAULT-VALUE})")
    private long first = 1;

    @Option(names = "--threads", paramLabel = "N", description = "at a time (default: as many as there are processors)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--replay", paramLabel = "SEED", description = "run this one, and tell everything that happens")
    private @Nullable Long replay;

    @Option(
            names = "--mutants",
            description = "run the seeds against each bug that is seeded on purpose, until it is caught")
    private boolean mutants;

    @Option(names = "--mutant", paramLabel = "REGEX", description = "only these, by their names")
    private Pattern which = Pattern.compile("");

    private SimulateProgram() {}

    /** Runs with the command line's arguments. */
    public static void main(String[] args) {
        // What the collector says of its disk is part of what is simulated.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        System.exit(new CommandLine(new SimulateProgram()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (replay != null) {
            return replay(replay);
        }
        return mutants ? hunt() : soak();
    }

    private static int replay(long seed) {
        Simulation.Outcome outcome = Simulation.run(seed, System.out);
        Throwable violation = outcome.violation();
        if (violation != null) {
            violation.printStackTrace(System.out);
        }
        System.out.printf(
                "seed %d: %s; %,d events, hash %016x%n",
                seed, violation == null ? "everything held" : violation, outcome.events(), outcome.hash());
        return violation == null ? 0 : 1;
    }

    private int soak() throws InterruptedException {
        Soak.Sums sums = new Soak.Sums();
        AtomicLong next = new AtomicLong(first);
        long start = System.nanoTime();
        Thread progress = Thread.ofPlatform().daemon().start(() -> tellProgress(sums, start));
        Soak.run(next::getAndIncrement, () -> next.get() < first + seeds, threads, sums, SimulateProgram::tellFailure);
        progress.interrupt();
        System.out.println(line(sums, start));
        return sums.failures() == 0 ? 0 : 1;
    }

    private static void tellFailure(Simulation.Outcome outcome) {
        System.out.printf(
                "seed %d: %s%n    system-tests/simulate --replay %d%n",
                outcome.seed(), outcome.violation(), outcome.seed());
    }

    private static void tellProgress(Soak.Sums sums, long start) {
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(PROGRESS_SECONDS);
                System.err.println(line(sums, start));
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(Soak.Sums sums, long start) {
        double seconds = (System.nanoTime() - start) / NANOS;
        double count = Math.max(1, sums.seeds());
        return String.format(
                Locale.ROOT,
                "%,d seeds in %.0f s (%.1f/s), %d failed; each %.0f events, %.0f segments, %.0f KiB of log, %.0f s of"
                        + " virtual time",
                sums.seeds(),
                seconds,
                sums.seeds() / seconds,
                sums.failures(),
                sums.events() / count,
                sums.segments() / count,
                sums.logBytes() / count / 1024,
                sums.virtualNanos() / count / NANOS);
    }

    private int hunt() {
        int escaped = 0;
        System.out.println("| bug | caught by seed | how |");
        System.out.println("|---|---|---|");
        for (Mutant mutant : Mutants.ALL) {
            if (which.matcher(mutant.name()).find()) {
                Hunt hunt = new Hunt(mutant);
                long tried = hunt.seedsUntilCaught(first, seeds);
                escaped += tried == 0 ? 1 : 0;
                System.out.printf(
                        "| %s | %s | %s |%n",
                        mutant.name(), tried == 0 ? "none of " + seeds : first + tried - 1, hunt.lastViolation());
            }
        }
        return escaped == 0 ? 0 : 1;
    }
}
