package io.kiroku.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Runs commands in this process and keeps what they print. */
final class Console {
    private InstantSource clock = InstantSource.system();
    private Map<String, String> environment = Map.of("TERM", "dumb");

    /** What came of a command. */
    record Result(int status, ByteArrayOutputStream stdout, String err) {
        byte[] bytes() {
            return stdout.toByteArray();
        }

        String out() {
            return stdout.toString(StandardCharsets.UTF_8);
        }

        List<String> lines() {
            return out().lines().toList();
        }

        @Override
        public String toString() {
            return "exit status %d%n%s%n%s".formatted(status, out(), err);
        }
    }

    Console at(Instant now) {
        clock = InstantSource.fixed(now);
        return this;
    }

    Console with(Map<String, String> environment) {
        this.environment = environment;
        return this;
    }

    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal =
                new Terminal(out, new PrintStream(err, true, StandardCharsets.UTF_8), false, false, environment);
        int status = Kiroku.run(terminal, clock, arguments);
        return new Result(status, out, err.toString(StandardCharsets.UTF_8));
    }
}
