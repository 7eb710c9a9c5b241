package io.kiroku.collector.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Roles that separate duties: nobody has more than his work needs, and who watches does not see content. */
public enum Role {
    /** Reads logs. */
    READER,
    /** Reads logs, verifies, and hands evidence on. */
    INVESTIGATOR,
    /** Decides what is kept. No content. */
    CUSTODIAN,
    /** Checks what was done, and that nothing was changed. No content. */
    AUDITOR,
    /** Runs the collector. No content. */
    ADMINISTRATOR,
    /** Sends what an API server audits, and may nothing else. */
    SENDER;

    /** Whether the role allows that. */
    public boolean allows(Permission permission) {
        return (permission == Permission.PROOFS && this != SENDER)
                || switch (this) {
                    case READER -> permission == Permission.READ;
                    case INVESTIGATOR ->
                        permission == Permission.READ
                                || permission == Permission.EXPORT
                                || permission == Permission.VERIFY;
                    case CUSTODIAN -> permission == Permission.RETENTION;
                    case AUDITOR -> permission == Permission.CUSTODY || permission == Permission.VERIFY;
                    case ADMINISTRATOR -> permission == Permission.METRICS || permission == Permission.CONFIGURATION;
                    case SENDER -> permission == Permission.SEND_AUDIT;
                };
    }

    /** As it is written in files and asked of Kubernetes. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a role's word.
     *
     * @throws IllegalArgumentException if it is none; the message is for people
     */
    public static Role parse(String word) {
        return Arrays.stream(values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a role (%s), found \"%s\"".formatted(words(EnumSet.allOf(Role.class)), word)));
    }

    /** The words of the roles that allow that. */
    static String allowing(Permission permission) {
        return words(Arrays.stream(values())
                .filter(role -> role.allows(permission))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class))));
    }

    private static String words(Set<Role> roles) {
        return roles.stream().map(Role::word).collect(Collectors.joining(", "));
    }
}
