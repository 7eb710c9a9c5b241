package io.kiroku.collector.store;

/**
 * The name of the node that the collector's own streams give: no node has it, because a node's name is a DNS subdomain name
 * (RFC 1123), in which there is no {@code @}. Agents are refused every name that begins like it.
 */
public final class OwnNode {
    /** As a stream of the collector's own states it. */
    public static final String NAME = "@collector";

    private static final String MARK = "@";

    private OwnNode() {}

    /** Whether no agent may have that name. */
    public static boolean isReserved(String node) {
        return node.startsWith(MARK);
    }
}
