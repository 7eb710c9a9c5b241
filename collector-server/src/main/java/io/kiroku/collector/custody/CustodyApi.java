package io.kiroku.collector.custody;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.collector.query.Answers;
import java.nio.file.Path;
import java.time.InstantSource;

/** The custody log over HTTP: {@code GET /api/v1/custody} with the parameters of {@link CustodyRequest}. An Armeria service. */
public final class CustodyApi {
    private final Path data;
    private final InstantSource clock;

    /** Each reads the whole log. */
    private final Answers answers = new Answers(2);

    /** @param data the collector's data directory */
    public CustodyApi(Path data, InstantSource clock) {
        this.data = data;
        this.clock = clock;
    }

    @Get("/api/v1/custody")
    public HttpResponse custody(ServiceRequestContext context, QueryParams parameters) {
        return answers.give(
                context,
                parameters,
                map -> CustodyRequest.read(map, clock.instant()),
                (request, answer) -> answer.json(CustodyJson.write(CustodyReader.read(data, request))));
    }
}
