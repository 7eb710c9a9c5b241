package io.kiroku.collector.log;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Blocking;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.Tile;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.stream.Collectors;

/**
 * The log over HTTP: {@code GET /checkpoint} and {@code GET /tile/...} (C2SP tlog-tiles), and {@code GET /log.vkey}, the keys
 * that its checkpoints are signed with, for who has them from nobody else yet. An Armeria service.
 */
public final class LogService {
    private final TransparencyLog log;
    private final LogFiles files;
    private final String keys;

    public LogService(TransparencyLog log, LogFiles files, LogSigners signers) {
        this.log = log;
        this.files = files;
        this.keys = signers.verifierKeys().stream().map(key -> key + "\n").collect(Collectors.joining());
    }

    @Get("/checkpoint")
    public HttpResponse checkpoint() {
        return HttpResponse.of(
                HttpStatus.OK,
                MediaType.PLAIN_TEXT_UTF_8,
                HttpData.wrap(log.published().note().toArray()));
    }

    @Get("/log.vkey")
    public HttpResponse keys() {
        return HttpResponse.of(
                HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, HttpData.wrap(keys.getBytes(StandardCharsets.UTF_8)));
    }

    @Blocking
    @Get("prefix:/tile")
    public HttpResponse tile(ServiceRequestContext context) throws IOException {
        try {
            TilePath path = TilePath.parse(context.path().substring(1));
            Octets content = cut(path, files.read(path));
            return HttpResponse.of(HttpStatus.OK, MediaType.OCTET_STREAM, HttpData.wrap(content.toArray()));
        } catch (MalformedException | NoSuchFileException unknown) {
            return HttpResponse.of(
                    HttpStatus.NOT_FOUND, MediaType.PLAIN_TEXT_UTF_8, "there is no such tile in this log\n");
        }
    }

    /** Whoever asks for a partial tile gets no more than that. */
    private static Octets cut(TilePath path, Octets content) throws MalformedException {
        if (!path.isPartial()) {
            return content;
        }
        return path.isBundle()
                ? EntryBundle.read(path, content).bytes()
                : Tile.read(path, content).bytes();
    }
}
