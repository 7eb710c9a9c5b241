package io.kiroku.collector.cluster;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.kiroku.collector.access.Permission;
import io.kiroku.collector.access.Rights;
import io.kiroku.collector.access.Role;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster's RBAC lets a user do. Whoever may {@code get pods/log} in a namespace may read what its pods wrote, also after
 * they are gone; {@code get nodes/log} is for what is no pod's. The other roles are a resource of our own: {@code use} of
 * {@code roles.kiroku.io} with the role's name. An investigator takes away only what he may read.
 *
 * @param token SHA-256 of the token that the user was known by: answers are kept for it alone
 */
record ClusterRights(UserInfo user, String token, ClusterCallers callers) implements Rights {
    private static final String GROUP = "kiroku.io";
    private static final String ROLES = "roles";
    private static final String EVERY_NAMESPACE = "";

    /** A question, by what tells it from others. */
    record Question(String token, String verb, String group, String resource, String namespace, String name) {}

    @Override
    public boolean may(Permission permission) {
        if (permission == Permission.READ || permission == Permission.PROOFS) {
            // Everybody, of what he may read, which may be nothing.
            return true;
        }
        for (Role role : Role.values()) {
            if (role.allows(permission) && has(role)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean may(Permission permission, Optional<String> namespace) {
        return reads(namespace.orElse(null)) && may(permission);
    }

    private boolean reads(@Nullable String namespace) {
        if (namespace == null) {
            return readsNodes();
        }
        return asks("get", "", "pods", "log", EVERY_NAMESPACE, "") || asks("get", "", "pods", "log", namespace, "");
    }

    @Override
    public boolean readsEverywhere() {
        return readsNodes() && asks("get", "", "pods", "log", EVERY_NAMESPACE, "");
    }

    private boolean readsNodes() {
        return asks("get", "", "nodes", "log", EVERY_NAMESPACE, "");
    }

    private boolean has(Role role) {
        return asks("use", GROUP, ROLES, "", EVERY_NAMESPACE, role.word());
    }

    private boolean asks(
            String verb, String group, String resource, String subresource, String namespace, String name) {
        ResourceAttributes attributes = new ResourceAttributesBuilder()
                .withVerb(verb)
                .withGroup(group)
                .withResource(resource)
                .withSubresource(subresource)
                .withNamespace(namespace)
                .withName(name)
                .build();
        SubjectAccessReview review = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user.getUsername())
                .withUid(user.getUid())
                .withGroups(user.getGroups())
                .withExtra(user.getExtra())
                .withResourceAttributes(attributes)
                .endSpec()
                .build();
        return callers.allows(new Question(token, verb, group, resource + "/" + subresource, namespace, name), review);
    }
}
