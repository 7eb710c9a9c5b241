package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku ring dump}. */
@Command(
        name = "dump",
        description = {
            "Writes the log bytes that the ring holds to standard output, with a heading wherever another source"
                    + " begins; or each segment into a file of its own."
        })
final class RingDumpCommand implements Callable<Integer> {
    @ParentCommand
    private RingCommand parent;

    @Option(names = "--raw", description = "the log bytes alone, without headings")
    private boolean raw;

    @Option(names = "--path", paramLabel = "GLOB", description = "only of sources whose path matches")
    private @Nullable String path;

    @Option(
            names = "--segments",
            paramLabel = "DIR",
            description = "write each segment into that directory, as a .lz4 file that lz4 -dc reads")
    private @Nullable Path segments;

    private @Nullable FilePath current;
    private boolean lineEnded = true;

    @Override
    public Integer call() throws IOException, CommandException {
        if (segments != null && (raw || path != null)) {
            throw CommandException.misuse("--segments writes whole segments: --raw and --path do not go with it");
        }
        PathGlob glob;
        try {
            glob = path == null ? null : PathGlob.parse(path);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
        Terminal terminal = parent.kiroku().terminal();
        StandardOutput out = new StandardOutput(terminal);
        RingWalk walk = new RingWalk();
        try (RingReader ring = RingCommand.open(parent.state())) {
            if (segments != null) {
                Path directory = Files.createDirectories(segments);
                walk.walk(ring, (segment, _, _) -> SegmentFile.write(directory, segment));
                terminal.err().println("%s in %s".formatted(Sizes.count(walk.segments(), "segment"), directory));
            } else {
                walk.walk(ring, (segment, sound, sources) -> dump(segment, sound, sources, glob, out));
                out.flush();
            }
        } catch (StandardOutput.ClosedException enough) {
            return 0;
        }
        walk.damage().forEach(sentence -> terminal.err().println("kiroku: " + ShownText.of(sentence)));
        return walk.damage().isEmpty() ? 0 : CommandException.FAILURE;
    }

    private void dump(
            Segment segment,
            SegmentCheck.Outcome.Sound sound,
            Map<Integer, FilePath> sources,
            @Nullable PathGlob glob,
            StandardOutput out)
            throws IOException {
        ByteBuffer log = sound.log();
        for (Entry entry : sound.entries()) {
            if (!(entry instanceof Entry.Chunk chunk)) {
                continue;
            }
            byte[] bytes = new byte[chunk.length()];
            log.get(bytes);
            FilePath source = sources.get(chunk.file());
            if (glob != null && (source == null || !glob.matches(source))) {
                continue;
            }
            if (!raw && source != null && !Objects.equals(source, current)) {
                byte[] heading = "%s==> %s <== (segment %d)\n"
                        .formatted(
                                current == null ? "" : lineEnded ? "\n" : "\n\n",
                                source,
                                segment.header().sequence())
                        .getBytes(StandardCharsets.UTF_8);
                out.bytes(heading, 0, heading.length);
                current = source;
            }
            out.bytes(bytes, 0, bytes.length);
            lineEnded = bytes[bytes.length - 1] == '\n';
        }
    }
}
