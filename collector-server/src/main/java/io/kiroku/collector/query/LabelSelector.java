package io.kiroku.collector.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which labels are meant, in the words of Kubernetes' label selectors: {@code a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1}. All that
 * is asked for must hold; nothing asked for is every pod.
 *
 * @param requirements in the order in which they were written
 */
public record LabelSelector(List<Requirement> requirements) {
    private static final int MOST_LENGTH = 4096;
    private static final int MOST_REQUIREMENTS = 100;
    private static final int MOST_NAME = 63;
    private static final int MOST_PREFIX = 253;

    /** Both a key's name and a value, which may be empty as well (apimachinery, {@code validation.IsQualifiedName}). */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

    private static final Pattern PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    /** How a label is compared. */
    public enum Operator {
        EXISTS,
        ABSENT,
        IN,
        /** Holds of what has no such label as well. */
        NOT_IN,
        GREATER,
        LESS
    }

    /**
     * What is asked of one label.
     *
     * @param values what it is compared with; none for {@link Operator#EXISTS} and {@link Operator#ABSENT}
     */
    public record Requirement(String key, Operator operator, List<String> values) {
        /** Copies the values. */
        public Requirement {
            values = List.copyOf(values);
        }

        boolean holds(Map<String, String> labels) {
            @Nullable String value = labels.get(key);
            return switch (operator) {
                case EXISTS -> value != null;
                case ABSENT -> value == null;
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case GREATER -> compared(value) > 0;
                case LESS -> compared(value) < 0;
            };
        }

        /** 0 if either is no number, so that neither more nor less holds. */
        private int compared(@Nullable String value) {
            OptionalLong found = number(value == null ? "" : value);
            OptionalLong wanted = number(values.getFirst());
            return found.isPresent() && wanted.isPresent() ? Long.compare(found.getAsLong(), wanted.getAsLong()) : 0;
        }

        @Override
        public String toString() {
            return switch (operator) {
                case EXISTS -> key;
                case ABSENT -> "!" + key;
                case IN -> values.size() == 1 ? key + "=" + values.getFirst() : key + " in " + list();
                case NOT_IN -> values.size() == 1 ? key + "!=" + values.getFirst() : key + " notin " + list();
                case GREATER -> key + ">" + values.getFirst();
                case LESS -> key + "<" + values.getFirst();
            };
        }

        private String list() {
            return "(" + String.join(",", values) + ")";
        }
    }

    /** Copies the list. */
    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /**
     * Reads a selector as {@code kubectl -l} takes it.
     *
     * @throws IllegalArgumentException if it is none; the message is for people
     */
    public static LabelSelector parse(String text) {
        if (text.length() > MOST_LENGTH) {
            throw new IllegalArgumentException("expected a label selector of at most %d characters, found %d"
                    .formatted(MOST_LENGTH, text.length()));
        }
        return new LabelSelector(new Parser(text).all());
    }

    /** Whether something with these labels is meant. */
    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.holds(labels));
    }

    /** What {@link #parse} reads as this selector. */
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }

    private static OptionalLong number(String text) {
        return NUMBER.matcher(text).matches() ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** Goes through the text once, from the left to the right. */
    private static final class Parser {
        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private List<Requirement> all() {
            List<Requirement> all = new ArrayList<>();
            space();
            if (at == text.length()) {
                return all;
            }
            do {
                if (all.size() == MOST_REQUIREMENTS) {
                    throw new IllegalArgumentException(
                            "expected at most %d requirements in a label selector".formatted(MOST_REQUIREMENTS));
                }
                all.add(requirement());
            } while (took(","));
            if (at < text.length()) {
                throw expected("a comma or the end");
            }
            return all;
        }

        private Requirement requirement() {
            if (took("!")) {
                return new Requirement(key(), Operator.ABSENT, List.of());
            }
            String key = key();
            if (took("!=")) {
                return new Requirement(key, Operator.NOT_IN, List.of(value()));
            }
            if (took("==") || took("=")) {
                return new Requirement(key, Operator.IN, List.of(value()));
            }
            if (took(">")) {
                return new Requirement(key, Operator.GREATER, List.of(integer()));
            }
            if (took("<")) {
                return new Requirement(key, Operator.LESS, List.of(integer()));
            }
            int before = at;
            String word = word();
            return switch (word) {
                case "" -> new Requirement(key, Operator.EXISTS, List.of());
                case "in" -> new Requirement(key, Operator.IN, values());
                case "notin" -> new Requirement(key, Operator.NOT_IN, values());
                default -> {
                    at = before;
                    throw expected("in, notin, =, !=, > or <");
                }
            };
        }

        private List<String> values() {
            if (!took("(")) {
                throw expected("values in brackets");
            }
            List<String> values = new ArrayList<>();
            do {
                values.add(value());
            } while (took(","));
            if (!took(")")) {
                throw expected("a comma or a closing bracket");
            }
            return values.stream().distinct().sorted().toList();
        }

        private String key() {
            int before = at;
            String key = word();
            int slash = key.lastIndexOf('/');
            String name = key.substring(slash + 1);
            boolean prefixed = slash < 0
                    || (slash <= MOST_PREFIX
                            && PREFIX.matcher(key.substring(0, slash)).matches());
            if (!prefixed || name.length() > MOST_NAME || !NAME.matcher(name).matches()) {
                at = before;
                throw expected("a label's key");
            }
            return key;
        }

        private String value() {
            int before = at;
            String value = word();
            if (!value.isEmpty()
                    && (value.length() > MOST_NAME || !NAME.matcher(value).matches())) {
                at = before;
                throw expected("a label's value");
            }
            return value;
        }

        private String integer() {
            int before = at;
            String value = word();
            if (number(value).isEmpty()) {
                at = before;
                throw expected("a whole number");
            }
            return value;
        }

        /** Up to what separates words; may be empty. */
        private String word() {
            space();
            int from = at;
            while (at < text.length() && " \t,()=!<>".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            space();
            return word;
        }

        private boolean took(String sign) {
            space();
            if (!text.startsWith(sign, at)) {
                return false;
            }
            at += sign.length();
            space();
            return true;
        }

        private void space() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }

        private IllegalArgumentException expected(String what) {
            return new IllegalArgumentException("expected %s in a label selector such as app=web,tier!=db, found \"%s\""
                    .formatted(what, text.substring(at)));
        }
    }
}
