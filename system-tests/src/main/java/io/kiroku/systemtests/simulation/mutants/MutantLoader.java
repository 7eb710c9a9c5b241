package io.kiroku.systemtests.simulation.mutants;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import org.jspecify.annotations.Nullable;

/** Loads the project's classes anew, one of them changed. All others are those of everybody. */
final class MutantLoader extends ClassLoader {
    private static final String OWN = "io.kiroku.";

    private final @Nullable Mutant mutant;

    /** @param mutant null to change nothing */
    MutantLoader(@Nullable Mutant mutant) {
        super(MutantLoader.class.getClassLoader());
        this.mutant = mutant;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = name.startsWith(OWN) ? define(name) : super.loadClass(name, false);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = bytesOf(name);
        if (mutant != null && mutant.className().equals(name)) {
            bytes = mutate(bytes, mutant);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] bytesOf(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] mutate(byte[] bytes, Mutant by) {
        ClassFile parser = ClassFile.of(
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())
                        .orElse(ClassHierarchyResolver.defaultResolver())
                        .cached()),
                ClassFile.DeadCodeOption.PATCH_DEAD_CODE);
        return Edit.change(parser, parser.parse(bytes), by.methods(), by.edit());
    }
}
