package io.kiroku.cli;

import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.store.DirectoryLock;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku keys retire}. */
@Command(
        name = "retire",
        description = {
            "Destroys the keys that a collector signed its log with before they were replaced. What they signed stays"
                    + " valid. The collector has to be stopped."
        })
final class KeysRetireCommand implements Callable<Integer> {
    @ParentCommand
    private KeysCommand parent;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "the collector's data directory")
    private Path data;

    @Override
    public Integer call() throws Exception {
        Path directory = DataDirectory.require(data);
        try (DirectoryLock _ = DirectoryLock.take(directory)) {
            OfflineCall.run(parent.kiroku(), directory, "keys retire", Map.of(), () -> {
                boolean retired = LogKeys.retire(directory);
                parent.kiroku()
                        .terminal()
                        .out()
                        .println(
                                retired
                                        ? "the keys of before are destroyed; log.vkey names them still, for what they"
                                                + " signed"
                                        : "there are no keys of before");
                return true;
            });
        }
        return 0;
    }
}
