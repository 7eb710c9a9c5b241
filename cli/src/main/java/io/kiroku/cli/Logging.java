package io.kiroku.cli;

/** How what the program logs reaches the user: warnings and worse, as lines on standard error, times in UTC. */
final class Logging {
    private static final String PREFIX = "org.slf4j.simpleLogger.";

    private Logging() {}

    /** To be called before anything logs. What was set on the command line of the JVM stays. */
    static void toStandardError() {
        set("logFile", "System.err");
        set("cacheOutputStream", "false");
        set("defaultLogLevel", "warn");
        set("showDateTime", "true");
        set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
        set("showThreadName", "false");
        set("showShortLogName", "true");
        set("levelInBrackets", "true");
    }

    /** Processes that run for long also say what they do. */
    static void alsoInformation() {
        set("log.io.kiroku", "info");
    }

    private static void set(String name, String value) {
        if (System.getProperty(PREFIX + name) == null) {
            System.setProperty(PREFIX + name, value);
        }
    }
}
