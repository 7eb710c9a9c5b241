package io.kiroku.systemtests.simulation.mutants;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Small changes of a method's code. */
final class Edit {
    /** Writes code. */
    interface Code {
        void accept(CodeBuilder code);
    }

    /** A transform that must have something to change: one that finds nothing proves nothing. */
    interface Counted {
        CodeTransform with(Runnable changed);
    }

    private Edit() {}

    /** Calls of a method without a value are left out. */
    static Counted withoutCall(String method) {
        return valueInstead(method, code -> {});
    }

    /** The same for a method of that type. */
    static Counted withoutCall(String owner, String method) {
        Counted edit = withoutCall(method);
        return changed -> {
            CodeTransform change = edit.with(changed);
            return (code, element) -> {
                if (element instanceof InvokeInstruction call
                        && call.owner().asSymbol().equals(ClassDesc.of(owner))) {
                    change.accept(code, element);
                } else {
                    code.with(element);
                }
            };
        };
    }

    /** Calls of a method are left out, and something else is their value. */
    static Counted valueInstead(String method, Code value) {
        return onCall(method, (code, call) -> {
            List<ClassDesc> arguments = new ArrayList<>(call.typeSymbol().parameterList());
            if (call.opcode() != Opcode.INVOKESTATIC) {
                arguments.addFirst(call.owner().asSymbol());
            }
            arguments.reversed().forEach(argument -> pop(code, argument));
            value.accept(code);
        });
    }

    /** One change and then another. */
    static Counted both(Counted first, Counted second) {
        return changed -> first.with(changed).andThen(second.with(changed));
    }

    /** Another method of the same object, with the same arguments and kind of value, is called instead. */
    static Counted callInstead(String method, String other) {
        return onCall(
                method,
                (code, call) -> code.invoke(
                        call.opcode(), call.owner().asSymbol(), other, call.typeSymbol(), call.isInterface()));
    }

    /** After each call of a method, more is done; what it gave lies on the stack. */
    static Counted afterCall(String method, Code more) {
        return onCall(method, (code, call) -> {
            code.with(call);
            more.accept(code);
        });
    }

    private interface OnCall {
        void write(CodeBuilder code, InvokeInstruction call);
    }

    private static Counted onCall(String method, OnCall instead) {
        return changed -> (code, element) -> {
            if (element instanceof InvokeInstruction call && call.name().equalsString(method)) {
                changed.run();
                instead.write(code, call);
            } else {
                code.with(element);
            }
        };
    }

    /** A field that is read has another value: the object lies on the stack, and is to be replaced by the value. */
    static Counted readInstead(String field, Code value) {
        return changed -> (code, element) -> {
            if (element instanceof FieldInstruction read
                    && read.opcode() == Opcode.GETFIELD
                    && read.name().equalsString(field)) {
                changed.run();
                value.accept(code);
            } else {
                code.with(element);
            }
        };
    }

    /** More is done before anything else. */
    static Counted before(Code more) {
        return changed -> new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                changed.run();
                more.accept(code);
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
            }
        };
    }

    /** Nothing but this is done. */
    static Counted instead(Code all) {
        return changed -> new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                changed.run();
                all.accept(code);
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {}
        };
    }

    private static void pop(CodeBuilder code, ClassDesc type) {
        if (TypeKind.from(type).slotSize() == 2) {
            code.pop2();
        } else {
            code.pop();
        }
    }

    /** The type of a class of the project, by its name behind {@code io.kiroku.}. */
    static ClassDesc type(String name) {
        return ClassDesc.of("io.kiroku." + name);
    }

    static MethodTypeDesc signature(ClassDesc result, ClassDesc... arguments) {
        return MethodTypeDesc.of(result, arguments);
    }

    /** The class with its methods of those names changed. */
    static byte[] change(ClassFile parser, ClassModel model, Set<String> methods, Counted edit) {
        int[] changes = {0};
        byte[] changed = parser.transformClass(
                model,
                ClassTransform.transformingMethodBodies(
                        candidate -> methods.contains(candidate.methodName().stringValue()),
                        edit.with(() -> changes[0]++)));
        if (changes[0] == 0) {
            throw new IllegalStateException("nothing to change in %s of %s"
                    .formatted(methods, model.thisClass().asInternalName()));
        }
        return changed;
    }
}
