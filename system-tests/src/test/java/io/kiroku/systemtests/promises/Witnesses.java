package io.kiroku.systemtests.promises;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Two witnesses, as others run them: processes of their own. */
final class Witnesses {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private Witnesses() {}

    /**
     * Starts them.
     *
     * @param site whose collector has made the keys of its log
     * @param started where the processes are added, to be closed
     * @return a policy that wants both
     */
    static Path start(Site site, Path directory, List<Running> started) throws Exception {
        String log = Files.readAllLines(site.data().resolve("log.vkey")).getFirst();
        String text = "log " + log + "\n" + start(site, directory, started, "north")
                + start(site, directory, started, "south") + "group both all north south\nquorum both\n";
        return Files.writeString(directory.resolve("policy"), text);
    }

    private static String start(Site site, Path directory, List<Running> started, String name) throws Exception {
        int port = Ports.free();
        Running witness = site.program()
                .start(
                        name,
                        "witness",
                        "--state",
                        directory.resolve(name).toString(),
                        "--name",
                        name + ".example.org/witness",
                        "--log",
                        site.data().resolve("log.vkey").toString(),
                        "--listen",
                        "127.0.0.1:" + port);
        started.add(witness);
        Await.until(
                BOUND,
                "witness %s to say who it is".formatted(name),
                witness::tail,
                () -> key(witness, name).isPresent() && Ports.answers(port));
        return "witness %s %s http://127.0.0.1:%d%n"
                .formatted(name, key(witness, name).orElseThrow(), port);
    }

    private static Optional<String> key(Running witness, String name) {
        return witness.output()
                .lines()
                .filter(line -> line.startsWith(name + ".example.org/witness+"))
                .findFirst();
    }
}
