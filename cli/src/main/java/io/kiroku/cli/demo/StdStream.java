package io.kiroku.cli.demo;

/** Which of its two outputs a container wrote to. */
public enum StdStream {
    STDOUT,
    STDERR
}
