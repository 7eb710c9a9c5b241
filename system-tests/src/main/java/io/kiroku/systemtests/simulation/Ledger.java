package io.kiroku.systemtests.simulation;

import io.kiroku.agent.simulation.SimInode;
import io.kiroku.agent.tail.Tail;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of a node's log files by those who made them: what must be captured, and what excuses a loss. */
final class Ledger {
    /** After so long what an agent noticed is sealed, and on its disk. */
    private static final long SEALED_AFTER = 3 * Node.SECOND;

    /** More than so many may not be restated in extents as small as these. */
    private static final int MANY_FILES = 30;

    private static final long NEVER = Long.MAX_VALUE;

    /** The life of a file. */
    static final class Life {
        private final SimInode inode;
        private final String source;

        /** Where events tell an agent of its birth or of its directory's going; whether one was listening. */
        private final boolean announced;

        private final boolean isFirst;

        private final long bornAt;
        private long goneAt = NEVER;
        private boolean wentUnheld;
        private boolean wentUnderAgent;
        private boolean unreadable;
        private boolean owed;

        private Life(SimInode inode, String source, boolean announced, boolean isFirst, long bornAt) {
            this.inode = inode;
            this.source = source;
            this.announced = announced;
            this.isFirst = isFirst;
            this.bornAt = bornAt;
        }

        SimInode inode() {
            return inode;
        }

        /** The live path of the container's log that it is, or was. */
        String source() {
            return source;
        }

        /** Whether it lost its last name while no agent had it open and no pin held it. */
        boolean wentUnheld() {
            return wentUnheld;
        }

        /**
         * Whether it was compressed when no agent ran, or before the one that ran had looked where it was: then it has to be
         * looked for there.
         */
        boolean isToBeFoundCompressed() {
            return goneAt != NEVER && !unreadable && (!wentUnderAgent || !announced);
        }

        /** Whether an agent ran when it lost its name, and did not have it open. */
        boolean wentUnderAgent() {
            return wentUnderAgent;
        }

        /** Whether the kernel refused to read it for a while. */
        boolean wasUnreadable() {
            return unreadable;
        }

        /** Whether an agent had it open, and the chain must know it by the end. */
        boolean isOwed() {
            return owed;
        }
    }

    private final Node node;
    private final Map<SimInode, Life> lives = new LinkedHashMap<>();
    private final Map<String, Long> directories = new LinkedHashMap<>();
    private final Map<String, Long> removed = new LinkedHashMap<>();
    private final Set<String> populated = new HashSet<>();
    private final Set<Life> unpinned = new HashSet<>();
    private final List<Long> deaths = new ArrayList<>();
    private boolean refusals;
    private boolean collisions;
    private boolean crowded;
    private boolean clockSteps;

    Ledger(Node node) {
        this.node = node;
    }

    void madeDirectory(String path) {
        directories.put(path, node.scheduler.now());
    }

    void removedDirectory(String path) {
        removed.put(path, node.scheduler.now());
    }

    /** A file was made in a directory. */
    void born(SimInode inode, String source, String directory) {
        long directoryMade = directories.getOrDefault(directory, 0L);
        AgentProcess agent = node.agent();
        boolean announced = agent != null && agent.caughtUpAt() > directoryMade;
        boolean isFirst = populated.add(directory);
        lives.put(inode, new Life(inode, source, announced, isFirst, node.scheduler.now()));
    }

    /** The file has no name of its own any more. */
    void gone(SimInode inode) {
        Life life = lives.get(inode);
        if (life == null) {
            return;
        }
        life.goneAt = node.scheduler.now();
        AgentProcess agent = node.agent();
        life.wentUnderAgent = agent != null && !agent.kernel.isOpen(inode);
        if (inode.links() == 0) {
            // An agent may have it open for a moment only, to look what it is.
            if (agent == null || !life.owed) {
                life.wentUnheld = true;
            } else {
                unpinned.add(life);
            }
        }
    }

    /** What only the descriptors of an agent held is gone with it; what it had not sealed may never be heard of. */
    void agentEnded() {
        deaths.add(node.scheduler.now());
        unpinned.forEach(life -> life.wentUnheld = true);
        unpinned.clear();
        lives.values().forEach(life -> life.owed = false);
    }

    /** An agent has seen everything, and has nothing to do: what has a name now is known to it. */
    void wasLookedAt(AgentProcess agent, Tail.Standing standing, Collection<SimInode> named) {
        crowded |= standing.openFiles() > MANY_FILES || standing.notice().contains("it is not followed");
        boolean hindered = refusals || standing.blocked() || hasFileBudget();
        for (SimInode inode : named) {
            boolean open = agent.kernel.isOpen(inode);
            Violation.unless(
                    open || hindered, "%s: inode %d was looked at and is not held open", node.name, inode.number());
            Life life = lives.get(inode);
            if (open && life != null) {
                life.owed = true;
            }
        }
    }

    void failsReads(SimInode inode) {
        Life life = lives.get(inode);
        if (life != null) {
            life.unreadable = true;
        }
        refusals = true;
    }

    /** The kernel refuses to open, list or watch something. */
    void refuses() {
        refusals = true;
    }

    /** Whether the kernel refused anything for a while. */
    boolean hasRefusals() {
        return refusals;
    }

    /** A rotated file took the name of another. */
    void collided() {
        collisions = true;
    }

    /** Whether files may have been refused because too many were followed. */
    boolean hasFileBudget() {
        return crowded || node.limits.files() < Integer.MAX_VALUE;
    }

    /** The node's clock was set. */
    void clockStepped() {
        clockSteps = true;
    }

    /** Whether the times at which files were compressed say in which order. */
    boolean isOrderKnown() {
        return !clockSteps;
    }

    /**
     * Whether an agent may come back and find none of the files that it followed among their siblings, though some of these
     * were captured before: it could not look at all, a name was taken away, or their order cannot be told.
     */
    boolean mayRepeat() {
        return refusals || collisions || clockSteps || hasFileBudget() || node.ringsLost() > 0;
    }

    @Nullable
    Life of(SimInode inode) {
        return lives.get(inode);
    }

    /**
     * Whether an agent cannot but have noticed that there was such a file, though it may have been too late for its bytes:
     * it was up from the file's birth until what it noticed was sealed, and the kernel told it everything.
     *
     * @param pod the pod's directory. If it went with the file, that is told, too, but sure only for the first file in it:
     *     a look that finds a file may take the birth of the next one for its own
     */
    boolean wasWitnessed(Life life, String pod) {
        boolean wentWithPod = removed.getOrDefault(pod, NEVER) == life.goneAt;
        AgentProcess agent = node.agent();
        long since = agent == null ? NEVER : agent.caughtUpSince();
        return (life.announced || (wentWithPod && life.isFirst))
                && !refusals
                && node.limits.events() > 1000
                && since < life.bornAt
                && deaths.stream().noneMatch(at -> at >= life.bornAt)
                && life.goneAt < node.scheduler.now() - SEALED_AFTER;
    }
}
