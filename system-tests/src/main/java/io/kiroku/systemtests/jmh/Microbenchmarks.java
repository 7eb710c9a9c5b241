package io.kiroku.systemtests.jmh;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the microbenchmarks as JMH does, with every option of its own, and sums up in a Markdown table. What is not said
 * otherwise is short: one fork, two seconds to warm up, three to measure, and bytes allocated.
 */
public final class Microbenchmarks {
    private static final TimeValue SECOND = TimeValue.seconds(1);
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Microbenchmarks() {}

    /** Runs with the command line's arguments, those of {@code org.openjdk.jmh.Main}. */
    public static void main(String[] args) throws Exception {
        CommandLineOptions told;
        try {
            told = new CommandLineOptions(args);
        } catch (CommandLineOptionException misuse) {
            System.err.println("jmh: " + misuse.getMessage());
            System.exit(2);
            return;
        }
        boolean onlyAsks = told.shouldHelp() || told.shouldList() || told.shouldListWithParams();
        if (onlyAsks || told.shouldListProfilers() || told.shouldListResultFormats()) {
            org.openjdk.jmh.Main.main(args);
            return;
        }
        print(run(told));
    }

    private static Collection<RunResult> run(CommandLineOptions told) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().parent(told);
        if (!told.getForkCount().hasValue()) {
            options.forks(1);
        }
        if (!told.getWarmupIterations().hasValue()) {
            options.warmupIterations(2);
        }
        if (!told.getWarmupTime().hasValue()) {
            options.warmupTime(SECOND);
        }
        if (!told.getMeasurementIterations().hasValue()) {
            options.measurementIterations(3);
        }
        if (!told.getMeasurementTime().hasValue()) {
            options.measurementTime(SECOND);
        }
        if (told.getProfilers().isEmpty()) {
            options.addProfiler(GCProfiler.class);
        }
        if (told.getIncludes().isEmpty()) {
            options.include(Defaults.INCLUDE_BENCHMARKS);
        }
        return new Runner(options.build()).run();
    }

    private static void print(Collection<RunResult> results) {
        System.out.printf("%n| benchmark | operations/s | MB/s of log | bytes allocated/operation |%n");
        System.out.println("|---|---:|---:|---:|");
        for (RunResult result : results) {
            Result<?> rate = result.getPrimaryResult();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f%s | %s | %s |%n",
                    name(result.getParams()),
                    rate.getScore(),
                    rate.getScoreUnit().equals("ops/s") ? "" : " " + rate.getScoreUnit(),
                    secondary(result, "rawMegabytes"),
                    secondary(result, ALLOCATED));
        }
    }

    private static String name(BenchmarkParams params) {
        String[] path = params.getBenchmark().split("\\.", -1);
        StringBuilder name = new StringBuilder(path[path.length - 2].replace("Benchmark", ""))
                .append('.')
                .append(path[path.length - 1]);
        params.getParamsKeys()
                .forEach(key -> name.append(' ').append(key).append('=').append(params.getParam(key)));
        return name.toString();
    }

    private static String secondary(RunResult result, String label) {
        Result<?> found = result.getSecondaryResults().get(label);
        return found == null || Double.isNaN(found.getScore()) ? "" : "%,.0f".formatted(found.getScore());
    }
}
