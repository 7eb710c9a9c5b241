package io.kiroku.systemtests.shape;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.promises.Wanting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the Dockerfile's default path can be known without the registry that its base comes from. */
class DockerfileTest {
    private static final Path ROOT =
            Path.of(System.getProperty("kiroku.root", "..")).toAbsolutePath().normalize();
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)\\}");

    private final List<Instruction> instructions = new ArrayList<>();

    @TempDir
    Path directory;

    /** One instruction, on one line. */
    private record Instruction(String name, String rest) {}

    @BeforeEach
    void read() throws IOException {
        String text = Files.readString(ROOT.resolve("Dockerfile"))
                .replaceAll("(?m)^#.*\\R", "")
                .replaceAll("\\\\\\R", " ");
        for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
            String[] parts = line.split(" ", 2);
            instructions.add(new Instruction(parts[0], parts[1].strip()));
        }
    }

    /** The defaults of the arguments that stand before the first stage. */
    private Map<String, String> defaults() {
        Map<String, String> defaults = new HashMap<>();
        for (Instruction one : instructions) {
            if (one.name().equals("FROM")) {
                break;
            }
            assertThat(one.name()).as("%s", one).isEqualTo("ARG");
            String[] argument = one.rest().split("=", 2);
            defaults.put(argument[0], argument[1]);
        }
        return defaults;
    }

    private List<String> rests(String name) {
        return instructions.stream()
                .filter(one -> one.name().equals(name))
                .map(Instruction::rest)
                .toList();
    }

    @Test
    void basesHaveAVersionThatCanBuildThis() throws IOException {
        List<String> bases = new ArrayList<>();
        for (String from : rests("FROM")) {
            Matcher variable = VARIABLE.matcher(from.split(" ", 2)[0]);
            assertThat(variable.matches())
                    .as("FROM %s is chosen by an argument", from)
                    .isTrue();
            bases.add(defaults().getOrDefault(variable.group(1), ""));
        }
        assertThat(bases).hasSize(2).last().isEqualTo("scratch");
        Matcher release =
                Pattern.compile("<kiroku.java.release>(\\d+)<").matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(release.find()).isTrue();
        assertThat(bases.getFirst()).matches("maven:3\\.\\d+(\\.\\d+)?-eclipse-temurin-" + release.group(1));
    }

    @Test
    void stagesAndFilesThatAreCopiedAreThere() {
        List<String> stages = new ArrayList<>();
        for (Instruction one : instructions) {
            if (one.name().equals("FROM") && one.rest().contains(" AS ")) {
                stages.add(one.rest().replaceFirst(".* AS ", ""));
            }
            if (one.name().equals("COPY")) {
                String[] words = one.rest().split(" +", -1);
                if (words[0].startsWith("--from=")) {
                    assertThat(stages).as("%s", one).contains(words[0].substring("--from=".length()));
                } else {
                    for (int i = 0; i < words.length - 1; i++) {
                        assertThat(ROOT.resolve(words[i])).as("%s", one).exists();
                    }
                }
            }
        }
        Matcher scripts = Pattern.compile("/src/(image/[\\w-]+)").matcher(String.join("\n", rests("RUN")));
        assertThat(scripts.find()).isTrue();
        assertThat(ROOT.resolve(scripts.group(1))).isExecutable();
    }

    @Test
    void argumentsThatAStageUsesAreDeclaredInIt() {
        List<String> known = new ArrayList<>();
        for (Instruction one : instructions.subList(defaults().size(), instructions.size())) {
            switch (one.name()) {
                case "FROM" -> known.clear();
                case "ARG" -> known.add(one.rest().replaceFirst("=.*", ""));
                default ->
                    VARIABLE.matcher(one.rest())
                            .results()
                            .forEach(used -> assertThat(known).as("%s", one).contains(used.group(1)));
            }
        }
    }

    /** A builder reads it, and needs nothing before it needs the base. */
    @Test
    void aBuilderTakesItUpToTheBase() throws Exception {
        String untested = "that buildah takes the Dockerfile's default path";
        Wanting.program(untested, "buildah");
        if (!Shell.run("id", "-u").text().strip().equals("0")) {
            Wanting.skip(untested, "only root can build here");
        }
        Path empty = Files.createDirectory(directory.resolve("context"));
        String said = Shell.run(
                        "buildah",
                        "--root",
                        directory.resolve("root").toString(),
                        "--runroot",
                        directory.resolve("run").toString(),
                        "--storage-driver",
                        "vfs",
                        "bud",
                        "--isolation",
                        "chroot",
                        "--pull=never",
                        "-f",
                        ROOT.resolve("Dockerfile").toString(),
                        empty.toString())
                .text();
        assertThat(said).contains(defaults().get("BUILD_BASE") + ": image not known");
    }
}
