package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedTest {
    @TempDir
    Path varLog;

    @Test
    void whatWasAskedForIsAll() {
        assertThat(Followed.choose(Optional.empty(), List.of("/a/*.log"), varLog))
                .isEqualTo(new Followed(Optional.empty(), List.of("/a/*.log")));
        assertThat(Followed.choose(Optional.of("/pods"), List.of(), varLog))
                .isEqualTo(new Followed(Optional.of("/pods"), List.of()));
    }

    @Test
    void elseThePodsWhereThereAreAny() throws IOException {
        Path pods = Files.createDirectory(varLog.resolve("pods"));
        assertThat(Followed.choose(Optional.empty(), List.of(), varLog))
                .isEqualTo(new Followed(Optional.of(pods.toString()), Followed.besidePods(List.of(), varLog)));
    }

    @Test
    void besideThePodsTheNodesOwnFilesUnlessNoneAreWanted() {
        assertThat(Followed.besidePods(List.of(), varLog))
                .contains(varLog + "/kubelet.log", varLog + "/containerd.log", varLog + "/syslog");
        assertThat(Followed.besidePods(List.of("none"), varLog)).isEmpty();
        assertThat(Followed.besidePods(List.of("/a"), varLog)).containsExactly("/a");
    }

    @Test
    void elseTheMachinesTextLogs() {
        Followed followed = Followed.choose(Optional.empty(), List.of(), varLog);
        assertThat(followed.podLogs()).isEmpty();
        assertThat(followed.globs())
                .contains(varLog + "/*.log", varLog + "/*/*.log", varLog + "/syslog", varLog + "/messages")
                .noneMatch(glob -> glob.contains("journal") || glob.endsWith("wtmp") || glob.endsWith("*"));
        assertThat(followed.describe()).isEqualTo("%1$s/*.log, %1$s/*/*.log, %1$s/syslog and 7 more".formatted(varLog));
    }

    @Test
    void theDataDirectoryIsTheUsersOwn() {
        Path home = Path.of("/home/u");
        assertThat(DataDirectory.byDefault(Map.of(), "root", home)).hasToString("/var/lib/kiroku");
        assertThat(DataDirectory.byDefault(Map.of(), "u", home)).hasToString("/home/u/.local/state/kiroku");
        assertThat(DataDirectory.byDefault(Map.of("XDG_STATE_HOME", "/s"), "u", home))
                .hasToString("/s/kiroku");
        assertThat(DataDirectory.byDefault(Map.of("XDG_STATE_HOME", "relative"), "u", home))
                .hasToString("/home/u/.local/state/kiroku");
    }

    @Test
    void keysLieBesideTheRingOnlyWhereNothingIsInMemory() {
        Path state = varLog.resolve("state");
        assertThat(KeysDirectory.choose(state, Map.of("XDG_RUNTIME_DIR", "/nowhere"), "nobody-of-that-name"))
                .satisfiesAnyOf(
                        chosen -> assertThat(chosen).isEqualTo(state.resolve("keys")),
                        chosen -> assertThat(chosen).hasToString("/dev/shm/kiroku-nobody-of-that-name"));
    }
}
