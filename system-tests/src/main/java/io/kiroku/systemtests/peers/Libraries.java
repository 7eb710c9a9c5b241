package io.kiroku.systemtests.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a Debian package has its modules, also one that was only unpacked: {@code usr/lib/TRIPLET/NAME} or
 * {@code usr/lib/NAME/VERSION}.
 */
final class Libraries {
    private static final int DEPTH = 2;

    private Libraries() {}

    /** @param binary in {@code usr/bin} or {@code usr/sbin} */
    static Optional<Path> beside(Path binary, String name) throws IOException {
        Path directory = binary.toAbsolutePath().normalize().getParent();
        Path lib = directory == null ? binary : directory.resolveSibling("lib");
        if (!Files.isDirectory(lib)) {
            return Optional.empty();
        }
        try (Stream<Path> below = Files.find(
                lib, DEPTH, (path, attributes) -> attributes.isDirectory() && isModules(lib.relativize(path), name))) {
            return below.findFirst();
        }
    }

    private static boolean isModules(Path path, String name) {
        return path.getNameCount() == DEPTH
                && (path.getName(0).toString().equals(name)
                        || path.getName(1).toString().equals(name));
    }
}
