package io.kiroku.systemtests.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A real journald's journal: each entry once and in order, or counted as lost. */
final class JournalIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Pattern NUMBER =
            Pattern.compile("^__CURSOR=s=([0-9a-f]{32});i=([0-9a-f]+);", Pattern.MULTILINE);
    private static final Pattern LOST =
            Pattern.compile("([0-9]+) entr.*, number ([0-9]+) to ([0-9]+) of sequence ([0-9a-f]{32})");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Journald journald;
    private Deployment site;

    @BeforeEach
    void start() throws Exception {
        journald = Journald.start(directory.resolve("j"));
        site = new Deployment(directory, directory.resolve("pods"));
        site.startCollector();
    }

    @AfterEach
    void end() throws Exception {
        if (site != null) {
            site.close();
        }
        if (journald != null) {
            journald.close();
        }
    }

    private void startAgent(String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("--journal", journald.directory().toString()));
        arguments.addAll(List.of(more));
        site.launchAgent(site.state(), arguments.toArray(String[]::new));
    }

    private String kiroku(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--data", site.data().toString()));
        Outcome outcome = site.program().run(all.toArray(String[]::new));
        assertThat(outcome.exit()).as("%s%s", outcome, site.tails()).isZero();
        return new String(Files.readAllBytes(outcome.stdout()), StandardCharsets.ISO_8859_1);
    }

    private String raw() throws Exception {
        return kiroku("logs", "--path", "journal:/**", "--raw");
    }

    private void awaitNumber(int number) throws Exception {
        Await.until(BOUND, Duration.ofSeconds(1), "number %d to be stored".formatted(number), site::tails, () -> {
            Outcome outcome = site.program()
                    .run("logs", "--data", site.data().toString(), "--path", "journal:/**", "--tail", "3");
            return outcome.text().contains(": number " + number + "\n");
        });
    }

    private record Entries(List<String> cursors, NavigableSet<Long> numbers) {
        static Entries of(String export) {
            Entries entries = new Entries(new ArrayList<>(), new TreeSet<>());
            Matcher matcher = NUMBER.matcher(export);
            while (matcher.find()) {
                entries.cursors.add(matcher.group());
                entries.numbers.add(Long.parseLong(matcher.group(2), 16));
            }
            return entries;
        }
    }

    /** The numbers that gaps declare lost; each says how many they are. */
    private NavigableSet<Long> declaredLost() throws Exception {
        NavigableSet<Long> lost = new TreeSet<>();
        Matcher matcher = LOST.matcher(kiroku("gaps", "--json"));
        while (matcher.find()) {
            long from = Long.parseLong(matcher.group(2));
            long to = Long.parseLong(matcher.group(3));
            assertThat(Long.parseLong(matcher.group(1))).isEqualTo(to - from + 1);
            for (long number = from; number <= to; number++) {
                assertThat(lost.add(number))
                        .as("%d is declared lost once", number)
                        .isTrue();
            }
        }
        return lost;
    }

    @Test
    void hundredThousandEntriesAreCapturedThroughRotationAndDeathAndTheVacuumedOnesAreCounted() throws Exception {
        journald.write(0, 20_000);
        startAgent();
        awaitNumber(19_999);
        journald.write(20_000, 40_000);
        site.killAgent();
        journald.write(40_000, 60_000);
        journald.rotate();
        journald.write(60_000, 80_000);
        journald.rotate();
        journald.journalctl("--vacuum-files=2");
        journald.write(80_000, 90_000);
        startAgent();
        awaitNumber(89_999);
        journald.rotate();
        journald.write(90_000, 100_000);
        awaitNumber(99_999);
        site.endAgent();

        Entries entries = Entries.of(raw());
        NavigableSet<Long> lost = declaredLost();
        assertThat(entries.cursors()).doesNotHaveDuplicates();
        assertThat(entries.numbers()).hasSameSizeAs(entries.cursors());
        assertThat(entries.numbers().stream().toList())
                .as("in order")
                .isEqualTo(entries.cursors().stream().map(JournalIT::number).toList());
        assertThat(lost).isNotEmpty().doesNotContainAnyElementsOf(entries.numbers());
        assertThat(entries.numbers().size() + lost.size())
                .as("captured and lost, of those from the first to the last")
                .isEqualTo(Math.toIntExact(
                        entries.numbers().last() - entries.numbers().first() + 1))
                .isGreaterThan(100_000);
        assertThat(raw())
                .as("what is still there is the end of what was captured")
                .endsWith(exported());
        Outcome verdict = site.program().run("verify", site.data().toString());
        assertThat(verdict.text()).contains("integrity     holds").contains("VACUUMED");
    }

    private static long number(String cursor) {
        Matcher matcher = NUMBER.matcher(cursor);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(2), 16);
    }

    /** What journalctl exports from the first entry that it has, but what a newer one than systemd 252 adds. */
    private String exported() throws Exception {
        Path export = directory.resolve("export");
        Shell.bash("journalctl --directory=\"$1\" --output=export >\"$2\"", journald.directory(), export);
        String text = new String(Files.readAllBytes(export), StandardCharsets.ISO_8859_1);
        return text.replaceAll("(?m)^__SEQNUM(_ID)?=.*\n", "").split("\n\n__CURSOR", 2)[1];
    }

    @Test
    void whatIsGivenBackIsAJournalAgain() throws Exception {
        Path remote = Path.of("/lib/systemd/systemd-journal-remote");
        assumeTrue(Files.isExecutable(remote), () -> remote + " is not here: install systemd-journal-remote");
        journald.write(0, 1000);
        startAgent();
        awaitNumber(999);
        Path export = directory.resolve("given.export");
        String raw = raw();
        Files.write(export, raw.getBytes(StandardCharsets.ISO_8859_1));
        Path again = Files.createDirectory(directory.resolve("again"));
        Shell.bash("\"$1\" --output=\"$2/a.journal\" \"$3\"", remote, again, export);
        assertThat(Shell.bash("journalctl --quiet --directory=\"$1\" --output=cat SYSLOG_IDENTIFIER=numbers", again)
                        .lines()
                        .toList())
                .hasSize(1000)
                .startsWith("number 0")
                .endsWith("number 999");
        assertThat(kiroku("logs", "--path", "journal:/**", "--tail", "1"))
                .matches("[0-9T:.-]+Z \\S+ numbers(\\[[0-9]+])?: number 999\n");
        assertThat(kiroku("sources")).contains("journal:" + journald.directory());
    }

    @Test
    void journalThatIsSetAsideAsBrokenIsReadAllTheSame() throws Exception {
        journald.write(0, 5000);
        startAgent();
        awaitNumber(4999);
        journald.killAndStartAgain();
        journald.write(5000, 6000);
        awaitNumber(5999);
        assertThat(kiroku("logs", "--path", "journal:/**").lines().filter(line -> line.contains(": number ")))
                .hasSize(6000);
        assertThat(declaredLost()).isEmpty();
    }
}
