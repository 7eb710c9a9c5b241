package io.kiroku.agent.ring;

/** What happens when the ring has no room left but what segments without a receipt take. */
public enum WhenFull {
    /** Reading stands still until receipts come; what is not read yet stays where it is, as long as it stays. */
    BLOCK,
    /** The oldest segments are given up for the newest, and declared lost. */
    OVERWRITE
}
