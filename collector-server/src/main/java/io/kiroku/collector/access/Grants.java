package io.kiroku.collector.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Rights that a file gives: roles, each where it holds. */
public record Grants(List<Grant> grants) implements Rights {
    /**
     * Some roles, where they hold.
     *
     * @param roles at least one
     */
    public record Grant(Set<Role> roles, Scope scope) {
        private boolean allows(Permission permission) {
            return roles.stream().anyMatch(role -> role.allows(permission));
        }
    }

    /** Copies the list. */
    public Grants {
        grants = List.copyOf(grants);
    }

    /**
     * Reads words of roles with commas between them.
     *
     * @throws IllegalArgumentException if there is something else; the message is for people
     */
    public static Set<Role> roles(String text) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : text.split(",", -1)) {
            roles.add(Role.parse(word));
        }
        return roles;
    }

    @Override
    public boolean may(Permission permission) {
        return grants.stream().anyMatch(grant -> grant.allows(permission));
    }

    @Override
    public boolean may(Permission permission, Optional<String> namespace) {
        return grants.stream()
                .anyMatch(grant -> grant.allows(permission) && grant.scope().includes(namespace));
    }

    @Override
    public boolean readsEverywhere() {
        return reads(Optional.empty())
                && grants.stream()
                        .anyMatch(grant ->
                                grant.allows(Permission.READ) && grant.scope().everyNamespace());
    }
}
