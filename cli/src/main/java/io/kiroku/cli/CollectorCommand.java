package io.kiroku.cli;

import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku collector}. */
@Command(
        name = "collector",
        description =
                "Takes segments from agents, verifies and stores them, and answers over HTTP. SIGTERM ends it cleanly.")
final class CollectorCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofSeconds(1);

    @ParentCommand
    private Kiroku kiroku;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description = "the directory that holds everything it keeps")
    private Path data;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4470",
            description = "where agents connect; without --tls or --enroll loopback only (default: ${DEFAULT-VALUE})")
    private String listen;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4480",
            description = {
                "where it answers over HTTP; beyond loopback only known callers, over TLS (default: ${DEFAULT-VALUE})"
            })
    private String http;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = {
                "the directory with tls.crt, tls.key and ca.crt for the connections of agents, read again when they",
                "change; with a crl.pem, what it names is refused"
            })
    private @Nullable Path tls;

    @Mixin
    private EnrolOptions enrol = new EnrolOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private LogOptions log = new LogOptions();

    @Mixin
    private AccessOptions access = new AccessOptions();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        CollectorConfig config;
        try {
            config = new CollectorConfig(
                    data,
                    CollectorConfig.address(listen),
                    CollectorConfig.address(http),
                    log.config(),
                    Optional.ofNullable(tls),
                    access.config(),
                    enrol.config(),
                    cluster.config());
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
        Logging.alsoInformation();
        try (Ending ending = Ending.onSignal()) {
            try (Collector collector = Collector.start(config)) {
                kiroku.terminal()
                        .out()
                        .println("collector of %s: agents on %s:%d, HTTP on %s://%s:%d"
                                .formatted(
                                        data,
                                        config.listen().getHostString(),
                                        collector.port(),
                                        config.access().tls().isPresent() ? "https" : "http",
                                        config.http().getHostString(),
                                        collector.httpPort()));
                while (!ending.await(LOOK)) {
                    // Its own threads do the work.
                }
            } catch (IOException | RuntimeException failure) {
                ending.failed();
                throw failure;
            }
        }
        return 0;
    }
}
