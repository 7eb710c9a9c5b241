package io.kiroku.systemtests.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.systemtests.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The archive and its manifest are what krew takes (krew.sigs.k8s.io, "Writing Krew plugin manifests"), and what it installs runs. */
final class KrewIT {
    private static final String URL = "https://example.com/kubectl-kiroku.tar.gz";
    private static final String HOMEPAGE = "https://example.com/kiroku";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private static Path script() {
        return Path.of(System.getProperty("kiroku.root"), "plugin/make-archive");
    }

    private Path make(String into) throws Exception {
        return Path.of(
                Shell.bash("\"$1\" \"$2\" v1.2.3 \"$3\" \"$4\"", script(), directory.resolve(into), URL, HOMEPAGE)
                        .strip());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object yaml) {
        return (Map<String, Object>) Objects.requireNonNull(yaml);
    }

    private static String digest(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void theManifestKeepsTheRulesAndNamesTheArchive() throws Exception {
        Path archive = make("first");
        Path manifest = directory.resolve("first/kiroku.yaml");
        Map<String, Object> plugin =
                map(new Load(LoadSettings.builder().build()).loadFromString(Files.readString(manifest)));
        assertThat(plugin.keySet()).containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
        assertThat(plugin.get("apiVersion")).isEqualTo("krew.googlecontainertools.github.com/v1alpha2");
        assertThat(plugin.get("kind")).isEqualTo("Plugin");
        assertThat(map(plugin.get("metadata")).get("name"))
                .as("as the file is called")
                .isEqualTo("kiroku");
        Map<String, Object> spec = map(plugin.get("spec"));
        assertThat(spec.keySet())
                .containsExactlyInAnyOrder(
                        "version", "homepage", "shortDescription", "description", "caveats", "platforms");
        assertThat((String) spec.get("version")).isEqualTo("v1.2.3");
        assertThat((String) spec.get("shortDescription"))
                .hasSizeBetween(1, 50)
                .doesNotContain("\n")
                .doesNotEndWith(".");
        List<?> platforms = (List<?>) Objects.requireNonNull(spec.get("platforms"));
        assertThat(platforms).isNotEmpty();
        for (@Nullable Object one : platforms) {
            Map<String, Object> platform = map(one);
            assertThat(platform.keySet()).containsExactlyInAnyOrder("selector", "uri", "sha256", "bin");
            assertThat((String) platform.get("uri")).isEqualTo(URL);
            assertThat((String) platform.get("sha256")).isEqualTo(digest(archive));
            assertThat((List<?>) map(platform.get("selector")).get("matchExpressions"))
                    .isNotEmpty()
                    .allSatisfy(
                            expression -> assertThat(map(expression).get("key")).isIn("os", "arch"));
        }
        assertThat(Files.readString(manifest)).doesNotContain("@");
        assertThat(digest(make("second"))).as("made again").isEqualTo(digest(archive));
    }

    /** As krew does: unpacked into a store, and the binary linked under the plugin's name. */
    @Test
    void whatIsInstalledRuns() throws Exception {
        Path archive = make("made");
        // A letter for the kind of each entry: krew takes files and directories alone, and no way out of its directory.
        assertThat(Shell.bash("tar -tvzf \"$1\"", archive).lines())
                .isNotEmpty()
                .allMatch(line -> line.matches("[-d].*") && !line.contains(".."));
        Path store = Files.createDirectories(directory.resolve("store/kiroku/v1.2.3"));
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Shell.bash("tar -xzf \"$1\" -C \"$2\"", archive, store);
        Files.createSymbolicLink(bin.resolve("kubectl-kiroku"), store.resolve("kiroku"));
        Shell.Outcome version = Shell.run(bin.resolve("kubectl-kiroku").toString(), "--version");
        assertThat(version.exit()).as("%s", version).isZero();
        assertThat(version.text()).startsWith("kiroku ");
        assertThat(Shell.run(bin.resolve("kubectl-kiroku").toString(), "logs", "--help")
                        .text())
                .startsWith("kubectl kiroku logs ");
    }

    @ParameterizedTest
    @CsvSource({"1.2.3", "v1.2", "v01.2.3", "v1.2.3 x"})
    void aVersionThatIsNoneIsRefused(String version) throws Exception {
        Shell.Outcome outcome =
                Shell.run(script().toString(), directory.resolve("refused").toString(), version, URL, HOMEPAGE);
        assertThat(outcome.exit()).isEqualTo(2);
        assertThat(outcome.text())
                .isEqualTo("make-archive: expected a version such as v1.2.3, found \"%s\"%n".formatted(version));
    }
}
