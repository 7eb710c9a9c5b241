package io.kiroku.collector.query;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.collector.access.Call;
import io.kiroku.collector.access.Rights;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.evidence.verify.Report;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What the collector answers over HTTP: {@code GET /api/v1/sources}, {@code GET /api/v1/gaps} with the parameters of
 * {@link GapRequest}, {@code GET /api/v1/logs} with those of {@link LogParameters}, {@code GET /api/v1/verify}. An Armeria service.
 */
public final class HttpApi {
    private final Path data;
    private final InstantSource clock;
    private final NamedPod.Register register;
    private final Answers answers;
    private final Answers verifications = new Answers(1);

    /**
     * @param data the collector's data directory
     * @param register of the pods that the cluster told of
     */
    public HttpApi(Path data, InstantSource clock, NamedPod.Register register, Answers answers) {
        this.data = data;
        this.clock = clock;
        this.register = register;
        this.answers = answers;
    }

    /** Every source ever seen that the caller may read. */
    @Get("/api/v1/sources")
    public HttpResponse sources(ServiceRequestContext context) {
        Rights rights = Call.of(context).caller().rights();
        return answers.give(context, (_, answer) -> {
            try (StoreReader store = StoreReader.open(data)) {
                answer.json(SourcesJson.write(Sources.readable(store, clock.instant(), rights)));
            }
        });
    }

    /** Every declared loss of what the caller may read; one of which the source is not known is the node's. */
    @Get("/api/v1/gaps")
    public HttpResponse gaps(ServiceRequestContext context, QueryParams parameters) {
        Rights rights = Call.of(context).caller().rights();
        return answers.give(context, parameters, map -> GapRequest.read(map, clock.instant()), (request, answer) -> {
            try (StoreReader store = StoreReader.open(data)) {
                Gaps gaps = new Gaps();
                store.scan(Position.START, gaps::add);
                answer.json(GapsJson.write(gaps.list(request).stream()
                        .filter(loss -> Reading.isAllowed(rights, loss.node(), loss.path()))
                        .toList()));
            }
        });
    }

    /** Logs, as log frames to who accepts them, otherwise as they are. */
    @Get("/api/v1/logs")
    public HttpResponse logs(ServiceRequestContext context, QueryParams parameters, RequestHeaders headers) {
        boolean framed = headers.get(HttpHeaderNames.ACCEPT, "").contains(LogFrames.MEDIA_TYPE);
        Call call = Call.of(context);
        return answers.give(context, parameters, map -> LogParameters.read(map, clock.instant()), (request, answer) -> {
            Optional<String> namespace = request.selection().namespace();
            if (request.selection().isOfPods()
                    && namespace.isPresent()
                    && !call.caller().rights().reads(namespace)) {
                answer.notIn(namespace.get(), call);
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                LogQuery query = LogQuery.prepare(
                        store, request, register, clock.instant(), call.caller().rights());
                query.sources().forEach(source -> call.touches(source.stream() + ":" + source.path()));
                if (answer.begin(HttpStatus.OK, framed ? MediaType.parse(LogFrames.MEDIA_TYPE) : mediaType(request))) {
                    ResponseOutput out = new ResponseOutput(answer.response(), framed);
                    out.end(query.write(out));
                }
            }
        });
    }

    /** Verifies the whole store; one verification at a time. */
    @Get("/api/v1/verify")
    public HttpResponse verify(ServiceRequestContext context) {
        return verifications.give(context, (_, answer) -> {
            Report report =
                    StoreVerification.verify(data, LogTimes.read(data).check(), LogAgreement.of(data), (_, _) -> {});
            answer.json(ReportJson.write(report));
        });
    }

    private static MediaType mediaType(LogRequest request) {
        return request.raw() ? MediaType.OCTET_STREAM : MediaType.PLAIN_TEXT_UTF_8;
    }
}
