package io.kiroku.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku time}. */
@Command(
        name = "time",
        description = "Timestamps of others (RFC 3161): asks for them, checks them, and keeps them fresh (RFC 4998), by"
                + " hand.",
        subcommands = {TimeRequestCommand.class, TimeVerifyCommand.class, TimeRecordCommand.class})
final class TimeCommand implements Runnable {
    private static final int PIECE = 64 << 10;

    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected request, verify or record");
    }

    Kiroku kiroku() {
        return kiroku;
    }

    /** A file of any size. */
    static InputStream open(Path file) throws IOException, CommandException {
        if (Files.isDirectory(file)) {
            throw CommandException.misuse("expected a file, found the directory " + file);
        }
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException missing) {
            throw CommandException.misuse("no such file or directory: " + file);
        }
    }

    /** A small file; of a larger one as much as shows that it is too large. */
    static byte[] read(Path file, int most) throws IOException, CommandException {
        try (InputStream in = open(file)) {
            return in.readNBytes(most + 1);
        }
    }

    /** The digest of a file, which need not fit into memory. */
    static byte[] digest(Path file, MessageDigest digest) throws IOException, CommandException {
        byte[] piece = new byte[PIECE];
        try (InputStream in = open(file)) {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                digest.update(piece, 0, length);
            }
        }
        return digest.digest();
    }
}
