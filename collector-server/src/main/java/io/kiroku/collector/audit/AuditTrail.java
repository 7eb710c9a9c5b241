package io.kiroku.collector.audit;

import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.SourceLines;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The audit events that are on record, from all sources: a request's stage that several have is there once. What is kept is bounded
 * in number and size; then the oldest go. For use by one thread.
 */
public final class AuditTrail {
    /** Characters of events that are kept, at most. */
    private static final long MOST_CHARACTERS = 32L << 20;

    /** Clocks of API server, node and collector may differ, and a line may come late, by so much. */
    private static final Duration LATE = Duration.ofHours(1);

    private static final Comparator<AuditEvent> ORDER = Comparator.comparing(AuditEvent::at)
            .thenComparing(AuditEvent::auditId)
            .thenComparing(AuditEvent::stage);

    /**
     * What was found.
     *
     * @param events the oldest first
     * @param notes what is worth knowing, a sentence each
     * @param sources what was read, by stream and path
     * @param isAll whether none was left out because there were more than can be shown
     */
    public record Answer(List<Recorded> events, List<String> notes, List<String> sources, boolean isAll) {
        /** Copies the lists. */
        public Answer {
            events = List.copyOf(events);
            notes = List.copyOf(notes);
            sources = List.copyOf(sources);
        }
    }

    /** An event that is kept. */
    private static final class Held {
        private final AuditEvent event;
        private final String json;
        private final List<Seen> seen = new ArrayList<>();

        private Held(AuditEvent event, String json) {
            this.event = event;
            this.json = json;
        }

        private void see(Seen where) {
            boolean isKnown = seen.stream()
                    .anyMatch(known -> known.stream().equals(where.stream())
                            && known.path().equals(where.path()));
            if (!isKnown && seen.size() < Recorded.MOST_SEEN) {
                seen.add(where);
            }
        }
    }

    private record Request(String auditId, String stage) {}

    private final AuditRequest request;
    private final TreeMap<AuditEvent, List<Held>> held = new TreeMap<>(ORDER);
    private int count;
    private long characters;
    private boolean isAll = true;

    AuditTrail(AuditRequest request) {
        this.request = request;
    }

    /** Reads what is asked for from a store that may be written meanwhile. */
    public static Answer read(StoreReader store, AuditRequest request, Instant now) throws IOException {
        AuditTrail trail = new AuditTrail(request);
        Map<String, Long> others = new TreeMap<>();
        SourceLines lines = new SourceLines(store, source -> isMeant(request, source), now);
        lines.from(request.since().map(since -> since.minus(LATE)));
        List<String> notes = new ArrayList<>(lines.read((source, segment, line, length) -> {
            Optional<AuditEvent> event = AuditEvent.parse(line, length);
            if (event.isEmpty()) {
                others.merge(source.path().toString(), 1L, Long::sum);
            } else if (request.includes(event.get())) {
                String json = new String(line, 0, length, StandardCharsets.UTF_8);
                trail.add(event.get(), json, new Seen(source.node(), source.stream(), segment, source.path()));
            }
        }));
        others.forEach((path, number) ->
                notes.add("%s has %d lines that are no audit event: they are not shown".formatted(path, number)));
        if (lines.sources().isEmpty()) {
            notes.add("no source on record is an audit log by its path: --path names others");
        }
        return trail.answer(
                notes,
                lines.sources().stream()
                        .map(source -> source.stream() + ":" + source.path())
                        .toList());
    }

    /** What else the collector itself puts on record is no audit, and for others to read. */
    private static boolean isMeant(AuditRequest request, Source source) {
        boolean isOther = source.node().equals(OwnNode.NAME) && !source.path().equals(FilePath.of(AuditRequest.OWN));
        return request.reads(source.path()) && !isOther;
    }

    /** Takes in an event that is asked for. */
    void add(AuditEvent event, String json, Seen where) {
        List<Held> same = held.computeIfAbsent(event, _ -> new ArrayList<>());
        for (Held one : same) {
            if (one.event.essence().equals(event.essence())) {
                one.see(where);
                return;
            }
        }
        Held one = new Held(event, json);
        one.see(where);
        same.add(one);
        count++;
        characters += json.length();
        while (count > request.limit() || characters > MOST_CHARACTERS) {
            for (Held oldest : held.pollFirstEntry().getValue()) {
                count--;
                characters -= oldest.json.length();
            }
            isAll = false;
        }
    }

    Answer answer(List<String> notes, List<String> sources) {
        Map<Request, Integer> versions = new HashMap<>();
        held.values()
                .forEach(same -> same.forEach(
                        one -> versions.merge(new Request(one.event.auditId(), one.event.stage()), 1, Integer::sum)));
        List<Recorded> events = new ArrayList<>();
        held.values()
                .forEach(same -> same.forEach(one -> events.add(new Recorded(
                        one.event,
                        one.json,
                        one.seen,
                        versions.getOrDefault(new Request(one.event.auditId(), one.event.stage()), 1) > 1))));
        return new Answer(events, notes, sources, isAll);
    }
}
