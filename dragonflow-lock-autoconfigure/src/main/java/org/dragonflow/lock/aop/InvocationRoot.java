package org.dragonflow.lock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/**
 * What an expression knows as {@code #root}.
 *
 * @param target the bean, without its proxy
 * @param method the method of the bean's class
 * @param args the arguments of the call
 */
record InvocationRoot(@Nullable Object target, Method method, @Nullable Object[] args) {
}
