package io.kiroku.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the ratchet's private keys lie between two segments: on memory-backed storage, so that they outlive the agent and
 * not the node, in a directory that nobody else can write into.
 */
final class KeysDirectory {
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

    private KeysDirectory() {}

    /**
     * The first place that will do.
     *
     * @param state the agent's state directory, below which they lie where nothing is memory-backed
     */
    static Path choose(Path state, Map<String, String> environment, String user) {
        List<Path> candidates = new ArrayList<>();
        if (user.equals("root")) {
            candidates.add(Path.of("/run/kiroku"));
        }
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (runtime.startsWith("/")) {
            candidates.add(Path.of(runtime, "kiroku"));
        }
        candidates.add(Path.of("/dev/shm/kiroku-" + user));
        return candidates.stream()
                .filter(directory -> willDo(directory, user))
                .findFirst()
                .orElse(state.resolve("keys"));
    }

    private static boolean willDo(Path directory, String user) {
        try {
            Path parent = directory.getParent();
            if (parent == null || !IN_MEMORY.contains(Files.getFileStore(parent).type())) {
                return false;
            }
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                        && Files.isWritable(directory)
                        && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS)
                                .getName()
                                .equals(user);
            }
            return Files.isWritable(parent);
        } catch (IOException unknown) {
            return false;
        }
    }
}
