package io.kiroku.collector;

import io.kiroku.collector.config.CollectorConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A process that is nothing but a collector: {@code --data DIR [--listen HOST:PORT] [--http HOST:PORT]}. */
public final class CollectorMain {
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private CollectorMain() {}

    public static void main(String... arguments) throws InterruptedException {
        CollectorConfig config;
        try {
            config = parse(List.of(arguments));
        } catch (IllegalArgumentException misuse) {
            System.err.println("kiroku collector: " + misuse.getMessage());
            System.exit(MISUSED);
            return;
        }
        try {
            Collector collector = Collector.start(config);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(collector::close));
        } catch (IOException failure) {
            System.err.println("kiroku collector: " + failure.getMessage());
            System.exit(FAILED);
        }
        // Until a signal ends the process.
        new CountDownLatch(1).await();
    }

    static CollectorConfig parse(List<String> arguments) {
        @Nullable Path data = null;
        CollectorConfig defaults = CollectorConfig.of(Path.of("."));
        InetSocketAddress listen = defaults.listen();
        InetSocketAddress http = defaults.http();
        for (int i = 0; i < arguments.size(); i += 2) {
            String option = arguments.get(i);
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException("expected a value after " + option + ", found none");
            }
            String value = arguments.get(i + 1);
            switch (option) {
                case "--data" -> data = Path.of(value);
                case "--listen" -> listen = CollectorConfig.address(value);
                case "--http" -> http = CollectorConfig.address(value);
                default -> throw new IllegalArgumentException("expected --data, --listen or --http, found " + option);
            }
        }
        if (data == null) {
            throw new IllegalArgumentException("expected --data DIR, found none");
        }
        return new CollectorConfig(data, listen, http);
    }
}
