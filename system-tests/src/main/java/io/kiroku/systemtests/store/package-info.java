/** A store's volumes read from the outside: by the format alone, without the code that wrote them. */
@NullMarked
package io.kiroku.systemtests.store;

import org.jspecify.annotations.NullMarked;
