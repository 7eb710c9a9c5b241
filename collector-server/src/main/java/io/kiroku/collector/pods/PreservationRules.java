package io.kiroku.collector.pods;

import io.kiroku.collector.access.ConfigurationListener;
import io.kiroku.collector.access.WatchedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is marked to be kept, and how long. A file has lines of four fields: namespaces, labels, causes and how long, such as
 *
 * <pre>
 * shop,pay     tier=front,!test  crashed,oom-killed  90d
 * kube-system  *                 deleted             none
 * *            *                 *                   30d
 * </pre>
 *
 * The first line that fits pod and cause decides; if none does, nothing is marked. Without a file, everything is marked for
 * {@link #DEFAULT}. Used by any thread.
 */
public final class PreservationRules {
    /** How long a mark lasts, if no rule says otherwise. */
    public static final Duration DEFAULT = Duration.ofDays(30);

    private static final String ANY = "*";

    /** Exit codes of what is ended by SIGTERM, or by SIGKILL once the grace period is over, as every pod that is deleted. */
    private static final Set<Integer> STOPPED = Set.of(143, 137);

    private static final Duration MOST = Duration.ofDays(36_500);
    private static final Pattern LABEL =
            Pattern.compile("(?<not>!?)(?<key>[A-Za-z0-9./_-]+)(?:(?<operator>!=|==?)(?<value>[A-Za-z0-9._-]*))?");
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,6})([dh])");

    /** Whether a label is there, or has that value. */
    private record Label(String key, Optional<String> value, boolean wanted) {
        boolean fits(Pod pod) {
            String found = pod.labels().get(key);
            boolean is = found != null && (value.isEmpty() || value.get().equals(found));
            return is == wanted;
        }
    }

    /** One line; no namespaces are all of them. */
    private record Rule(
            Set<String> namespaces, List<Label> labels, Set<Preservation.Cause> causes, Optional<Duration> length) {
        boolean fits(Pod pod, Preservation.Cause cause) {
            return (namespaces.isEmpty() || namespaces.contains(pod.namespace()))
                    && causes.contains(cause)
                    && labels.stream().allMatch(label -> label.fits(pod));
        }
    }

    private final Supplier<List<Rule>> rules;

    private PreservationRules(Supplier<List<Rule>> rules) {
        this.rules = rules;
    }

    /** Everything is kept for {@link #DEFAULT}. */
    public static PreservationRules ofDefault() {
        List<Rule> all =
                List.of(new Rule(Set.of(), List.of(), EnumSet.allOf(Preservation.Cause.class), Optional.of(DEFAULT)));
        return new PreservationRules(() -> all);
    }

    /**
     * The rules of a file, which is read again when it has changed.
     *
     * @throws IOException if it cannot be read or is not understood; the message is for people
     */
    public static PreservationRules of(Path file, LongSupplier nanoTime, ConfigurationListener listener)
            throws IOException {
        return new PreservationRules(new WatchedFile<>(file, PreservationRules::rule, nanoTime, listener)::lines);
    }

    private static Rule rule(String[] fields) {
        if (fields.length != 4) {
            throw new IllegalArgumentException(
                    "expected NAMESPACES LABELS CAUSES TIME, found %d fields".formatted(fields.length));
        }
        return new Rule(
                fields[0].equals(ANY) ? Set.of() : Set.of(fields[0].split(",", -1)),
                fields[1].equals(ANY)
                        ? List.of()
                        : Stream.of(fields[1].split(",", -1))
                                .map(PreservationRules::label)
                                .toList(),
                causes(fields[2]),
                length(fields[3]));
    }

    private static Label label(String text) {
        Matcher matcher = LABEL.matcher(text);
        if (!matcher.matches() || (matcher.group("not").equals("!") && matcher.group("value") != null)) {
            throw new IllegalArgumentException(
                    "expected labels as key=value, key!=value, key or !key, found \"%s\"".formatted(text));
        }
        boolean wanted = !matcher.group("not").equals("!") && !"!=".equals(matcher.group("operator"));
        return new Label(matcher.group("key"), Optional.ofNullable(matcher.group("value")), wanted);
    }

    private static Set<Preservation.Cause> causes(String text) {
        if (text.equals(ANY)) {
            return EnumSet.allOf(Preservation.Cause.class);
        }
        Set<Preservation.Cause> causes = EnumSet.noneOf(Preservation.Cause.class);
        for (String word : text.split(",", -1)) {
            causes.add(Stream.of(Preservation.Cause.values())
                    .filter(cause -> word(cause).equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "expected causes (crashed, oom-killed, evicted, deleted) or *, found \"%s\""
                                    .formatted(word))));
        }
        return causes;
    }

    private static String word(Preservation.Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Optional<Duration> length(String text) {
        if (text.equals("none")) {
            return Optional.empty();
        }
        Matcher matcher = LENGTH.matcher(text);
        if (matcher.matches()) {
            int number = Integer.parseInt(matcher.group(1));
            Duration length = matcher.group(2).equals("d") ? Duration.ofDays(number) : Duration.ofHours(number);
            if (length.isPositive() && length.compareTo(MOST) <= 0) {
                return Optional.of(length);
            }
        }
        throw new IllegalArgumentException(
                "expected how long as 30d, 12h or none, at most 36500d, found \"%s\"".formatted(text));
    }

    /**
     * What is to be marked of a pod that is not marked yet.
     *
     * @param pod all that is known of it
     * @param marked what is marked of it
     * @param now when the marks begin
     */
    public List<Preservation> marks(Pod pod, List<Preservation> marked, Instant now) {
        List<Preservation> marks = new ArrayList<>();
        for (Instance instance : pod.instances()) {
            cause(pod, instance)
                    .ifPresent(cause -> mark(pod, instance.container(), instance.restart(), cause, now, marks));
        }
        if (pod.reason().equals(Pod.EVICTED)) {
            mark(pod, "", 0, Preservation.Cause.EVICTED, now, marks);
        }
        if (pod.deletion().isPresent() || pod.gone().isPresent()) {
            mark(pod, "", 0, Preservation.Cause.DELETED, now, marks);
        }
        marks.removeIf(mark -> marked.stream().anyMatch(mark::isSameMark));
        return marks;
    }

    /** What became of an instance, if that is worth a mark: one that was told to stop has not crashed. */
    private static Optional<Preservation.Cause> cause(Pod pod, Instance instance) {
        if (!instance.hasCrashed()) {
            return Optional.empty();
        }
        if (instance.reason().equals(Instance.OOM_KILLED)) {
            return Optional.of(Preservation.Cause.OOM_KILLED);
        }
        boolean wasToldToStop = (pod.deletion().isPresent() || pod.gone().isPresent())
                && instance.exitCode().isPresent()
                && STOPPED.contains(instance.exitCode().getAsInt());
        return wasToldToStop ? Optional.empty() : Optional.of(Preservation.Cause.CRASHED);
    }

    private void mark(
            Pod pod, String container, int restart, Preservation.Cause cause, Instant now, List<Preservation> marks) {
        rules.get().stream()
                .filter(rule -> rule.fits(pod, cause))
                .findFirst()
                .flatMap(Rule::length)
                .ifPresent(length ->
                        marks.add(new Preservation(pod.uid(), container, restart, cause, now, now.plus(length))));
    }
}
