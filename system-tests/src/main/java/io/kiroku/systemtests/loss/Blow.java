package io.kiroku.systemtests.loss;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What is done to agent and collector in the middle of a load. */
public interface Blow {
    /** Nothing. */
    Blow NONE = _ -> {};

    /** Returns when both run again. */
    void fall(Stage stage) throws Exception;

    /** The agent is stopped, and goes on later. */
    static Blow freeze(Duration time) {
        return stage -> {
            stage.deployment().agent().freeze();
            try {
                sleep(time);
            } finally {
                stage.deployment().agent().thaw();
            }
        };
    }

    /** The agent is killed, and started again later. */
    static Blow kill(Duration down) {
        return stage -> {
            stage.deployment().killAgent();
            sleep(down);
            stage.deployment().startAgent();
        };
    }

    /** The collector is killed, and started again later. */
    static Blow outage(Duration down) {
        return stage -> {
            stage.deployment().collector().kill();
            sleep(down);
            stage.deployment().startCollector();
        };
    }

    private static void sleep(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
