/** What may know what: the rules of the layout, checked on the compiled classes. */
@NullMarked
package io.kiroku.systemtests.shape;

import org.jspecify.annotations.NullMarked;
