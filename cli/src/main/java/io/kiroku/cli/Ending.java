package io.kiroku.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command that runs until Ctrl-C or SIGTERM end in order, and with its own exit status: the JVM's shutdown hook
 * asks it to end, waits for it a bounded time, and ends the process. To be closed when the command is done.
 */
final class Ending implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("ending").unstarted(this::end);
    private volatile int status;

    private Ending() {}

    static Ending onSignal() {
        Ending ending = new Ending();
        Runtime.getRuntime().addShutdownHook(ending.hook);
        return ending;
    }

    private void end() {
        asked.countDown();
        try {
            if (!done.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                status = CommandException.FAILURE;
            }
        } catch (InterruptedException again) {
            status = CommandException.FAILURE;
        }
        // The JVM would exit with 128 + the signal's number; what was asked for has been done.
        Runtime.getRuntime().halt(status);
    }

    /** Waits that long. True as soon as somebody wants the command to end. */
    boolean await(Duration time) throws InterruptedException {
        return asked.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The command will have failed. */
    void failed() {
        status = CommandException.FAILURE;
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The hook is at work: it was waiting for this.
        }
    }
}
