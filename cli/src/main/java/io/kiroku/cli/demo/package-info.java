/** A pretend node, whose pods write, rotate, crash and vanish as the kubelet and containerd have them do, and the demonstration on it. */
@NullMarked
package io.kiroku.cli.demo;

import org.jspecify.annotations.NullMarked;
