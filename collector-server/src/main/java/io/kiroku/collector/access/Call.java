package io.kiroku.collector.access;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.logging.RequestLog;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.access.CustodyRecord.Stage;
import io.netty.util.AttributeKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A call that was let in: who makes it, and what the custody log is told of it. */
public final class Call {
    /** The header with the case that a call is for, percent-encoded UTF-8. */
    public static final String CASE = "kiroku-case";

    /** The header with the purpose of a call, percent-encoded UTF-8. */
    public static final String PURPOSE = "kiroku-purpose";

    /** Characters of a case or a purpose, as sent, at most. */
    static final int MOST_STATED = 2048;

    private static final AttributeKey<Call> KEY = AttributeKey.valueOf(Call.class, "CALL");

    private final Caller caller;
    private final String id;
    private final String from;
    private final String action;
    private final String selection;
    private final String caseId;
    private final String purpose;
    private final List<String> touched = new ArrayList<>();
    private int touchedCharacters;
    private long untold;

    /** @throws IllegalArgumentException if case or purpose are not as they must be; the message is for people */
    Call(Caller caller, Endpoint endpoint, ServiceRequestContext context, HttpRequest request) {
        this.caller = caller;
        this.id = "%016x".formatted(ThreadLocalRandom.current().nextLong());
        this.from = context.remoteAddress().getAddress().getHostAddress();
        this.action = endpoint.action();
        this.selection = selection(context);
        this.caseId = stated(request, CASE);
        this.purpose = stated(request, PURPOSE);
    }

    /**
     * The call that a request is.
     *
     * @throws IllegalStateException if it was not let in by a {@link Gate}
     */
    public static Call of(ServiceRequestContext context) {
        Call call = context.attr(KEY);
        if (call == null) {
            throw new IllegalStateException("nobody has looked who makes this call");
        }
        return call;
    }

    void attach(ServiceRequestContext context) {
        context.setAttr(KEY, this);
    }

    /** Who makes it. */
    public Caller caller() {
        return caller;
    }

    /** Content of a source is about to be shown. */
    public synchronized void touches(String source) {
        if (touched.size() < CustodyRecord.MOST_TOUCHED
                && touchedCharacters + source.length() <= CustodyRecord.MOST_TOUCHED_CHARACTERS) {
            touched.add(source);
            touchedCharacters += source.length();
        } else {
            untold++;
        }
    }

    private static String selection(ServiceRequestContext context) {
        return CustodyRecord.cut(context.queryParams().stream()
                .map(entry -> CustodyRecord.encode(entry.getKey()) + "=" + CustodyRecord.encode(entry.getValue()))
                .sorted()
                .collect(Collectors.joining("&")));
    }

    private static String stated(HttpRequest request, String header) {
        String text = request.headers().get(header, "");
        if (text.length() > MOST_STATED) {
            throw new IllegalArgumentException(
                    "expected at most %d characters in %s, found %d".formatted(MOST_STATED, header, text.length()));
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("expected %s percent-encoded".formatted(header), malformed);
        }
    }

    CustodyRecord begun(Instant when) {
        return record(when, Stage.BEGUN, Outcome.OPEN, 0, 0);
    }

    CustodyRecord refused(Instant when, int status) {
        return record(when, Stage.ENDED, Outcome.REFUSED, status, 0);
    }

    CustodyRecord ended(Instant when, RequestLog log) {
        int status = log.responseStatus().code();
        return record(when, Stage.ENDED, outcome(status, log.responseCause()), status, log.responseLength());
    }

    private static Outcome outcome(int status, @Nullable Throwable cause) {
        if (cause != null) {
            return Outcome.BROKEN;
        }
        return switch (status) {
            case 200 -> Outcome.ANSWERED;
            case 403 -> Outcome.REFUSED;
            default -> Outcome.FAILED;
        };
    }

    private synchronized CustodyRecord record(Instant when, Stage stage, Outcome outcome, int status, long bytes) {
        return new CustodyRecord(
                when,
                id,
                stage,
                caller.name(),
                caller.voucher(),
                from,
                action,
                selection,
                caseId,
                purpose,
                outcome,
                status,
                bytes,
                touched,
                untold);
    }
}
