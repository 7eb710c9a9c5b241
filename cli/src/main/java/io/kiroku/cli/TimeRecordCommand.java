package io.kiroku.cli;

import io.kiroku.collector.config.StampConfig;
import io.kiroku.collector.stamp.StampOutcome;
import io.kiroku.collector.stamp.TimestampClient;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.ArchivedData;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.EvidenceRecord;
import io.kiroku.evidence.time.TimestampToken;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku time record}. */
@Command(
        name = "record",
        description = {
            "Evidence records (RFC 4998): timestamps over files that are renewed, so that they outlive the"
                    + " certificates and digests that they were made with.",
            "Renew a record before the certificate of its newest timestamp expires; with --digest before its digest"
                    + " can be forged."
        },
        subcommands = {TimeRecordCreateCommand.class, TimeRecordRenewCommand.class, TimeRecordVerifyCommand.class})
final class TimeRecordCommand implements Runnable {
    /** For one answer of an authority. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    @ParentCommand
    private TimeCommand parent;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected create, renew or verify");
    }

    Kiroku kiroku() {
        return parent.kiroku();
    }

    /** The digests of files, of any size. */
    static ArchivedData read(List<Path> files, Set<DigestAlgorithm> algorithms) throws IOException, CommandException {
        if (files.size() > ArchivedData.MOST) {
            throw CommandException.misuse(
                    "expected at most %d files, found %d".formatted(ArchivedData.MOST, files.size()));
        }
        for (Path file : files) {
            if (!Files.exists(file)) {
                throw CommandException.misuse("no such file or directory: " + file);
            }
            if (Files.isDirectory(file)) {
                throw CommandException.misuse("expected a file, found the directory " + file);
            }
        }
        return ArchivedData.read(files, algorithms);
    }

    /** A digest by the name that the user gave: sha512, SHA-512, sha3-512. */
    static DigestAlgorithm digest(String name) throws CommandException {
        String plain = plain(name);
        for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
            if (plain(algorithm.toString()).equals(plain)) {
                return algorithm;
            }
        }
        throw CommandException.misuse("expected one of %s for --digest, found \"%s\""
                .formatted(
                        Arrays.stream(DigestAlgorithm.values())
                                .map(algorithm -> algorithm.toString().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")),
                        name));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Has an authority stamp what the record waits for. */
    static EvidenceRecord stamp(EvidenceRecord.Renewal renewal, String tsa)
            throws InterruptedException, CommandException, MalformedException {
        URI authority;
        try {
            authority = StampConfig.authority(tsa);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse("--tsa: " + misuse.getMessage());
        }
        try (TimestampClient client = new TimestampClient(BOUND)) {
            return switch (client.ask(authority, renewal.digest(), renewal.imprint())) {
                case StampOutcome.Stamped stamped ->
                    renewal.with(TimestampToken.parseEither(stamped.response().toArray()));
                case StampOutcome.Failed failed ->
                    throw CommandException.failure("%s gives no timestamp: %s".formatted(authority, failed.sentence()));
            };
        }
    }
}
