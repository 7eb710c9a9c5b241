package io.kiroku.systemtests.loss;

/** What is written on a node, and what becomes of node, agent and collector meanwhile. */
public interface Load {
    /** Returns when all of it is written; agent and collector run then. */
    void play(Stage stage) throws Exception;
}
