package io.kiroku.agent.config;

import io.kiroku.agent.journal.JournalReader;
import io.kiroku.evidence.record.FilePath;
import java.util.List;

/**
 * Which journals an agent follows.
 *
 * @param directories of journal files, absolute paths; one that is not there is followed once it is
 * @param units the units whose entries are captured; none for all
 */
public record JournalChoice(List<String> directories, List<String> units) {
    /** Where journald keeps what outlives a boot, and what does not. */
    private static final List<String> OF_THE_MACHINE = List.of("/var/log/journal", "/run/log/journal");

    /** @throws IllegalArgumentException with one sentence if a path is not absolute, or a unit's name is none */
    public JournalChoice {
        directories = List.copyOf(directories);
        units = List.copyOf(units);
        for (String directory : directories) {
            if (!directory.startsWith("/")) {
                throw new IllegalArgumentException(
                        "expected the absolute path of a journal's directory, or auto, or off, found \"%s\""
                                .formatted(directory));
            }
        }
        readers(directories, units);
    }

    /** No journal. */
    public static JournalChoice none() {
        return new JournalChoice(List.of(), List.of());
    }

    /**
     * Reads what was asked for.
     *
     * @param text a directory; {@code auto} for the machine's own journals; {@code off} for none
     */
    public static JournalChoice parse(String text, List<String> units) {
        return switch (text) {
            case "off" -> none();
            case "auto" -> new JournalChoice(OF_THE_MACHINE, units);
            default -> new JournalChoice(List.of(text), units);
        };
    }

    /** The journals, not open yet. */
    public List<JournalReader> readers() {
        return readers(directories, units);
    }

    private static List<JournalReader> readers(List<String> directories, List<String> units) {
        return directories.stream()
                .map(directory -> new JournalReader(FilePath.of(directory), units))
                .toList();
    }
}
