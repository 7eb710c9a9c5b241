package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

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
    void forBudget(Directory directory, Candidate candidate, int followed) {
        waiting.add(directory);
        directory.unopened.putIfAbsent(
                candidate.inode(),
                new Unopened(
                        candidate.source(),
                        candidate.path(),
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

    /** Whether the file was refused for the budget before. It need not be asked for again as long as that has no room. */
    boolean areForBudget(Directory directory, Candidate candidate) {
        Unopened earlier = directory.unopened.get(candidate.inode());
        boolean are = earlier != null && earlier.cause() == Entry.GapCause.BUDGET;
        if (are) {
            waiting.add(directory);
        }
        return are;
    }

    /** What was refused for the budget is tried again. */
    void budgetHasRoom() {
        waiting.forEach(tree::lookAgain);
        waiting.clear();
        budgetTold = false;
    }

    /** The kernel refused to look at the file or to open it. */
    void because(Directory directory, Candidate candidate, ErrnoException refused) {
        tree.lookAgainLater(directory);
        if (!candidate.wanted()) {
            return;
        }
        long now = draft.now().bootNanos();
        Unopened earlier = directory.unopened.get(candidate.inode());
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
                        refused.isNotFound() ? Entry.GapCause.VANISHED : Entry.GapCause.READ_ERROR,
                        refused.isNotFound() ? "it was gone before it could be opened" : reason,
                        candidate.symlink(),
                        earlier == null ? now : earlier.since(),
                        told || telling));
    }

    /**
     * What could not be opened in a directory and is gone from there was lost.
     *
     * @param isFollowed whether a file of that source with that inode is followed by now, whatever its name is: of another
     *     source it is another file, as an inode's number is soon used again
     * @param lost takes what was
     */
    void giveUp(
            Directory directory,
            Map<FilePath, DirectoryEntry> entries,
            BiPredicate<FilePath, Long> isFollowed,
            Consumer<Unopened> lost) {
        if (directory.unopened.isEmpty()) {
            return;
        }
        Set<Long> there = new HashSet<>();
        entries.values().forEach(entry -> there.add(entry.inode()));
        directory.unopened.entrySet().removeIf(each -> {
            Unopened file = each.getValue();
            boolean gone = !there.contains(each.getKey());
            if (gone && !draft.hasRoomForEntries()) {
                tree.lookAgain(directory);
                return false;
            }
            if (gone && !file.symlink() && !isFollowed.test(file.source(), each.getKey())) {
                lost.accept(file);
            }
            return gone;
        });
    }
}
