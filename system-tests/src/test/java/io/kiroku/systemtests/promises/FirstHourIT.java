package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What somebody does who has just cloned the project. */
final class FirstHourIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void demoShowsAPodThatIsGoneAndAByteThatWasFlipped() throws Exception {
        Program program = new Program(Files.createDirectory(directory.resolve("output")));
        Path place = directory.resolve("demo");
        Outcome outcome = program.run(Duration.ofMinutes(2), "demo", "--dir", place.toString());
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.text())
                .contains("kiroku logs")
                .contains("kiroku sources")
                .contains("kiroku verify")
                .contains(place.toString());
        assertThat(program.run("verify", place.resolve("data").toString()).exit())
                .isZero();
    }

    @Test
    void upCapturesAndEndsOnCtrlC() throws Exception {
        try (Site site = new Site(directory)) {
            PretendNode node = site.node(Rotation.NONE);
            PretendContainer container = node.startPod("shop", "web-1").start("web");
            Running up = site.keep(site.program()
                    .start(
                            "up",
                            "up",
                            "--data",
                            site.data().toString(),
                            "--pod-logs",
                            site.podLogs().toString()));
            try (PacedWriter writer = PacedWriter.start(container, site.seed(), 1 << 20, 3 << 20)) {
                writer.await(30);
            }
            site.awaitCaptured(Duration.ofSeconds(60));
            Shell.bash("kill -INT \"$1\"", up.pid());
            assertThat(up.await(Duration.ofSeconds(20))).as(up.tail()).isIn(0, 130);
            assertThat(up.output()).as("no stack trace").doesNotContain("\tat ");
            site.assertBitExact();
            site.assertVerifiedWithoutGaps();
            Outcome sources =
                    site.program().run("sources", "--data", site.data().toString(), "--json");
            assertThat(sources.exit()).as("%s", sources).isZero();
            assertThat(sources.text()).contains("web-1", "shop");
        }
    }
}
