package io.kiroku.collector.pods;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.collector.access.Call;
import io.kiroku.collector.access.Rights;
import io.kiroku.collector.query.Answers;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the collector answers over HTTP about pods: {@code GET /api/v1/pods} with the parameters of {@link PodRequest},
 * {@code GET /api/v1/crash} with those of {@link CrashRequest}. An Armeria service.
 */
public final class PodsApi {
    /** Pods in one answer, at most. */
    private static final int MOST_PODS = 10_000;

    /** Crashes that are put together at once, at most: what is shown of them is held in memory. */
    private static final int MOST_CRASHES = 4;

    private final Path data;
    private final PodTable table;
    private final InstantSource clock;
    private final Answers answers;
    private final Answers crashes = new Answers(MOST_CRASHES);

    /** @param data the collector's data directory */
    public PodsApi(Path data, PodTable table, InstantSource clock, Answers answers) {
        this.data = data;
        this.table = table;
        this.clock = clock;
        this.answers = answers;
    }

    /** Pods, dead or alive, of the namespaces that the caller may read. */
    @Get("/api/v1/pods")
    public HttpResponse pods(ServiceRequestContext context, QueryParams parameters) {
        Call call = Call.of(context);
        return answers.give(context, parameters, map -> PodRequest.read(map, clock.instant()), (request, answer) -> {
            if (isForeign(request.namespace(), call)) {
                answer.notIn(request.namespace().orElseThrow(), call);
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                List<PodView> views = readable(store, call.caller().rights());
                List<PodView> chosen = PodViews.choose(views, request);
                if (chosen.size() > MOST_PODS) {
                    throw new SelectionException(
                            SelectionException.Reason.AMBIGUOUS,
                            "%d pods are meant, and an answer holds at most %d: narrow it by namespace, labels, --dead, --since or --reason"
                                    .formatted(chosen.size(), MOST_PODS));
                }
                answer.json(PodsJson.write(chosen));
            }
        });
    }

    /** How pods ended. */
    @Get("/api/v1/crash")
    public HttpResponse crash(ServiceRequestContext context, QueryParams parameters) {
        Call call = Call.of(context);
        return crashes.give(context, parameters, CrashRequest::read, (request, answer) -> {
            if (isForeign(request.namespace(), call)) {
                answer.notIn(request.namespace().orElseThrow(), call);
                return;
            }
            try (StoreReader store = StoreReader.open(data)) {
                List<Crash> shown = new ArrayList<>();
                for (PodView view : Crashes.meant(readable(store, call.caller().rights()), request)) {
                    Crash crash = Crashes.of(store, table, view, request);
                    crash.lives()
                            .forEach(life -> life.log()
                                    .ifPresent(source -> call.touches(source.stream() + ":" + source.path())));
                    shown.add(crash);
                }
                answer.json(CrashJson.write(shown));
            }
        });
    }

    private static boolean isForeign(Optional<String> namespace, Call call) {
        return namespace.isPresent() && !call.caller().rights().reads(namespace);
    }

    private List<PodView> readable(StoreReader store, Rights rights) throws IOException {
        return PodViews.join(table, Sources.readable(store, clock.instant(), rights)).stream()
                .filter(view -> rights.reads(Optional.of(view.namespace())))
                .toList();
    }
}
