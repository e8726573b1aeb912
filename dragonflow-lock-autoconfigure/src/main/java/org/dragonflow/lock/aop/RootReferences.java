package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.InlineMap;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.VariableReference;

/**
 * The names in an expression that SpEL looks up in its root object: mostly parameters
 * whose '#' was forgotten.
 */
final class RootReferences {

	private static final Set<String> PROPERTIES = Arrays.stream(InvocationRoot.class.getRecordComponents())
		.map((component) -> component.getName())
		.collect(Collectors.toSet());

	private static final Set<String> METHODS = Arrays.stream(InvocationRoot.class.getMethods())
		.map(Method::getName)
		.collect(Collectors.toSet());

	private final Method method;

	private final String text;

	private final ExpressionVariables variables;

	private final Set<Integer> forgotten = new TreeSet<>();

	private RootReferences(Method method, String text, ExpressionVariables variables) {
		this.method = method;
		this.text = text;
		this.variables = variables;
	}

	/**
	 * Refuses an expression with a name that the root object does not have.
	 * @param expression the root of the parsed expression
	 * @param text what it was parsed from
	 * @throws InvalidNbLockedException if there is one: each call would fail
	 */
	static void check(Method method, SpelNode expression, String text, ExpressionVariables variables) {
		RootReferences references = new RootReferences(method, text, variables);
		references.visit(expression);
		if (!references.forgotten.isEmpty()) {
			throw references.refused();
		}
	}

	private InvalidNbLockedException refused() {
		StringBuilder corrected = new StringBuilder(this.text);
		Set<String> names = new TreeSet<>();
		int inserted = 0;
		for (int position : this.forgotten) {
			corrected.insert(position + inserted++, '#');
			names.add("#" + nameAt(position));
		}
		return new InvalidNbLockedException(this.method,
				"has the expression '" + this.text + "', which names a parameter without its '#'",
				"Did you mean " + corrected + "? The parameter is " + String.join(", ", names) + ".");
	}

	private String nameAt(int position) {
		int end = position;
		while (end < this.text.length() && Character.isJavaIdentifierPart(this.text.charAt(end))) {
			end++;
		}
		return this.text.substring(position, end);
	}

	/**
	 * Visits what is evaluated against the root object.
	 */
	private void visit(SpelNode node) {
		if (node instanceof PropertyOrFieldReference property) {
			checkProperty(property, property.getName());
		}
		else if (node instanceof MethodReference call) {
			checkMethod(call);
			visitChildren(call);
		}
		else if (node instanceof CompoundExpression path) {
			visitPath(path);
		}
		else if (node instanceof InlineMap map) {
			// A name in the place of a key is the key.
			for (int i = 0; i < map.getChildCount(); i++) {
				if (i % 2 == 1 || !(map.getChild(i) instanceof PropertyOrFieldReference)) {
					visit(map.getChild(i));
				}
			}
		}
		else {
			visitFollowing(node);
		}
	}

	private void visitPath(SpelNode path) {
		SpelNode first = path.getChild(0);
		visit(first);
		if (isRoot(first) && path.getChild(1) instanceof PropertyOrFieldReference property) {
			checkProperty(property, "#root." + property.getName());
		}
		for (int i = 1; i < path.getChildCount(); i++) {
			visitFollowing(path.getChild(i));
		}
	}

	/**
	 * Visits what follows something else, and is evaluated against that; the arguments of
	 * a call are not.
	 */
	private void visitFollowing(SpelNode node) {
		if (node instanceof Projection || node instanceof Selection) {
			// Against each element.
			return;
		}
		if (node instanceof Indexer && node.getChild(0) instanceof PropertyOrFieldReference) {
			// Of a map, the name is the key.
			return;
		}
		visitChildren(node);
	}

	private void visitChildren(SpelNode node) {
		for (int i = 0; i < node.getChildCount(); i++) {
			visit(node.getChild(i));
		}
	}

	private static boolean isRoot(SpelNode node) {
		return node instanceof VariableReference && Set.of("#root", "#this").contains(node.toStringAST());
	}

	private void checkProperty(PropertyOrFieldReference property, String written) {
		String name = property.getName();
		if (PROPERTIES.contains(name) || name.equals("class")) {
			return;
		}
		if (this.variables.isName(name) && written.equals(name)) {
			this.forgotten.add(property.getStartPosition());
			return;
		}
		String meant = this.variables.isName(name) ? "Did you mean #" + name + "? " : "";
		if (written.equals(this.text)) {
			meant = "If it is the id itself, put it in quotes: '" + name + "'. ";
		}
		throw new InvalidNbLockedException(this.method,
				"has the expression '" + this.text + "', where " + written + " is nothing that is known",
				meant + this.variables.action());
	}

	private void checkMethod(MethodReference call) {
		if (!METHODS.contains(call.getName())) {
			throw new InvalidNbLockedException(this.method,
					"has the expression '" + this.text + "', where " + call.getName() + "() is no method that is known",
					"A method of the bean is #root.target." + call.getName() + "(...). " + this.variables.action());
		}
	}

}
