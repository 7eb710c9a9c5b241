package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Files that were seen and could not be opened: said once, tried again, and a gap if they go before that. */
final class Refusals {
    /** A symlink that leads nowhere for so long is worth a word: its target may have been about to be made. */
    private static final long SYMLINK_PATIENCE = 1_000_000_000L;

    private final Draft draft;
    private final Tree tree;
    private final Complaints complaints;
    private final Set<Directory> waiting = new LinkedHashSet<>();
    private boolean budgetTold;

    Refusals(Draft draft, Tree tree, Complaints complaints) {
        this.draft = draft;
        this.tree = tree;
        this.complaints = complaints;
    }

    /** So many files are followed, and no more may be. */
    void forBudget(Directory directory, Candidate candidate, FileIdentity identity, int followed) {
        waiting.add(directory);
        earlier(directory, candidate, identity);
        directory.unopened.putIfAbsent(
                candidate.inode(),
                new Unopened(
                        candidate.source(),
                        candidate.path(),
                        identity,
                        Entry.GapCause.BUDGET,
                        "as many files were followed as may be",
                        candidate.symlink(),
                        draft.now().bootNanos(),
                        true));
        if (!budgetTold) {
            budgetTold = true;
            complaints.about(candidate.path(), "it is not followed, as %d files are".formatted(followed));
        }
    }

    /** The file could be opened, or is none to be followed. */
    static void opened(Directory directory, Candidate candidate, FileIdentity identity) {
        if (earlier(directory, candidate, identity) != null) {
            directory.unopened.remove(candidate.inode());
        }
    }

    /** What is known of the file from earlier refusals. If that was another one, with the same inode, it is gone. */
    private static @Nullable Unopened earlier(
            Directory directory, Candidate candidate, @Nullable FileIdentity identity) {
        Unopened earlier = directory.unopened.get(candidate.inode());
        if (earlier != null && earlier.isOther(candidate.source(), identity)) {
            directory.unopened.remove(candidate.inode());
            directory.replaced.add(earlier);
            return null;
        }
        return earlier;
    }

    /** What was refused for the budget is tried again. */
    void budgetHasRoom() {
        waiting.forEach(tree::lookAgain);
        waiting.clear();
        budgetTold = false;
    }

    /** The kernel refused to look at the file or to open it. */
    void because(Directory directory, Candidate candidate, @Nullable FileIdentity identity, ErrnoException refused) {
        tree.lookAgainLater(directory);
        if (!candidate.wanted()) {
            return;
        }
        long now = draft.now().bootNanos();
        Unopened earlier = earlier(directory, candidate, identity);
        boolean told = earlier != null && earlier.told();
        // A name may go between the list and the call; a symlink that leads nowhere stays.
        boolean telling = !refused.isNotFound()
                || (candidate.symlink() && earlier != null && now - earlier.since() >= SYMLINK_PATIENCE);
        String reason = String.valueOf(refused.getMessage());
        if (telling && !told) {
            complaints.about(candidate.path(), reason);
        }
        directory.unopened.put(
                candidate.inode(),
                new Unopened(
                        candidate.source(),
                        candidate.path(),
                        identity != null || earlier == null ? identity : earlier.identity(),
                        refused.isNotFound() ? Entry.GapCause.VANISHED : Entry.GapCause.READ_ERROR,
                        refused.isNotFound() ? "it was gone before it could be opened" : reason,
                        candidate.symlink(),
                        earlier == null ? now : earlier.since(),
                        told || telling));
    }

    /**
     * What could not be opened in a directory and is gone from there was lost.
     *
     * @param isFollowed whether the file, which had that inode, is followed by now
     * @param lost takes what was
     */
    void giveUp(
            Directory directory,
            Map<FilePath, DirectoryEntry> entries,
            BiPredicate<Long, Unopened> isFollowed,
            Consumer<Unopened> lost) {
        if (directory.unopened.isEmpty() && directory.replaced.isEmpty()) {
            return;
        }
        directory.replaced.removeIf(file -> {
            boolean canBeSaid = draft.hasRoomForEntries();
            if (canBeSaid && !file.symlink()) {
                lost.accept(file);
            } else if (!canBeSaid) {
                tree.lookAgain(directory);
            }
            return canBeSaid;
        });
        Set<Long> there = new HashSet<>();
        entries.values().forEach(entry -> there.add(entry.inode()));
        directory.unopened.entrySet().removeIf(each -> {
            Unopened file = each.getValue();
            boolean gone = !there.contains(each.getKey());
            if (gone && !draft.hasRoomForEntries()) {
                tree.lookAgain(directory);
                return false;
            }
            if (gone && !file.symlink() && !isFollowed.test(each.getKey(), file)) {
                lost.accept(file);
            }
            return gone;
        });
    }
}
